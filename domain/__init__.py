"""Business rules: frozen pydantic models and pure functions; no I/O, no clock, no randomness."""
