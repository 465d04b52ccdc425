"""What people do: seekers, decisions, audit and keys, in SQLite; erasable, with retention (docs/records.md)."""
