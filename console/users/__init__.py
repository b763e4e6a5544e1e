"""People and programs that may sign in: their accounts, links and keys."""
