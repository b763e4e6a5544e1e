"""Stripe, a payment provider: captures, voids and refunds payments, tells of disputes."""
