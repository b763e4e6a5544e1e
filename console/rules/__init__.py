"""Rules by version: which kinds there are, how they read, how two versions differ."""
