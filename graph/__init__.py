"""The knowledge graph: its schema, its tables, and the servers that hold it."""
