"""Returns by rules alone: what may come back, what becomes of it, what it is worth, and what comes next."""
