"""One table group per file."""
