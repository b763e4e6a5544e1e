"""A merchant's own shop, whose staff work off fulfillment orders in the hub's task list."""
