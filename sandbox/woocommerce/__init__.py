"""A simulated WooCommerce: REST v3 with its batches, drafts and disabled webhooks, and the public Store API.

Everything is written from WooCommerce's public documentation; nothing of the hub is imported.
"""
