"""A simulated ShipBob: REST API 2026-01, its webhooks, and a warehouse that can misbehave.

Written from https://developer.shipbob.com (API, webhooks, status reference, rate limit).
"""
