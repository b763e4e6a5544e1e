"""One page per file; importing it gives it its address."""
