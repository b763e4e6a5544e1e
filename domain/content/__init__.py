"""Keeping what channels show of our products as it should be: the fewest fields to tell, and whose a difference is."""
