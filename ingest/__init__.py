"""One module a published source: read, validate, report, give tables."""
