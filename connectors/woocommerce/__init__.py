"""WooCommerce: listings, stock, orders and refunds by the REST API v3, the public side by the Store API."""
