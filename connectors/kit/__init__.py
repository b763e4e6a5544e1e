"""HTTP, limits, webhooks: the only modules that import httpx."""
