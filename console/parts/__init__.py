"""What pages are made of: one part per file, each shows text as text."""
