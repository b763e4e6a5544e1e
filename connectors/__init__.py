"""Everything that speaks to the outside."""
