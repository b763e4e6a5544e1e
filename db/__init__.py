"""The facts: tables, queries and the ledgers."""
