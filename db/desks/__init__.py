"""The database as activities see it: one class per thing acted upon, every write one transaction."""
