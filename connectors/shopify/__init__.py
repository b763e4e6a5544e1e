"""Shopify: orders, tracking, stock, refunds by the Admin GraphQL API 2026-10."""
