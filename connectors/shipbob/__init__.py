"""ShipBob, a 3PL: takes fulfillment orders, reports shipments."""
