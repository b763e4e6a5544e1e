"""What connectors share: HTTP with classified failures, rate limits that learn, webhook signatures, guarded egress."""
