"""Secrets that are shown once and kept as a hash: keys, sessions, codes."""

import hashlib
import secrets


def new_token(prefix: str) -> str:
    """256 random bits behind a prefix that says what it is."""
    return prefix + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """A plain hash is enough: the token is 256 random bits, not a password."""
    return hashlib.sha256(token.encode()).hexdigest()
