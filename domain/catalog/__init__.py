"""The product master: products, what channels are shown of them, and what must hold before they are."""
