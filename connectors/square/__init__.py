"""Square as a point of sale: its sales and counts come in, the hub's numbers go out (API 2025-08-20)."""
