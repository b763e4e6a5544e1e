"""A simulated Stripe account: payments, refunds and disputes, with its own rules, its own count and signed events.

Source: https://docs.stripe.com/api and its OpenAPI description; nothing here knows the hub.
"""
