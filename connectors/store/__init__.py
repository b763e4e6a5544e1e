"""A shop of the merchant's own, worked through the hub's task list."""
