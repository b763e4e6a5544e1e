"""A simulated Square account: locations, a catalog, counts and changes of stock, sales at the till, webhooks."""
