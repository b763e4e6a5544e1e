"""ShipEngine (ShipStation API), which sells the labels of many carriers: labels, voids, tracking."""
