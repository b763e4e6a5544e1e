"""A simulated Amazon seller account: SP-API, its tokens, its queue, and the public product pages."""
