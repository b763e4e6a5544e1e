"""A simulated ShipEngine account with one carrier: labels, voids, scans, and signed tracking notices.

Source: https://docs.shipstation.com/apis/shipengine/docs and its OpenAPI description; nothing here knows the hub.
"""
