"""A simulated Shopify: the Admin GraphQL API 2026-10 with its cost bucket, OAuth tokens and signed webhooks.

Written from https://shopify.dev/docs/api/admin-graphql (API, webhooks, rate limits, idempotency).
"""
