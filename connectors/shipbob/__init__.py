"""ShipBob: a 3PL that takes fulfillment orders by its REST API 2026-01."""
