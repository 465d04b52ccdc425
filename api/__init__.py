"""The API for machines: routes, conventions, keys, limits (docs/api.md). What it answers is made elsewhere."""
