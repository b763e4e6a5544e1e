"""Simulated platforms that speak the platforms' own wire protocols, with seeded faults."""
