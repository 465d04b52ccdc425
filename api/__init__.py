"""FastAPI for machines: routes, conventions, keys and limits (docs/api.md). Knows HTTP; what it answers is made elsewhere."""
