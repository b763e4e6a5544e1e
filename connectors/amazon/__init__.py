"""Amazon, a marketplace: gives orders and takes tracking, listings, prices and quantities."""
