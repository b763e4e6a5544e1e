"""The address of an order's public tracking page; nobody can guess it from the order."""

import hmac

from db.vault import Cipher
from domain.errors import DomainError

_MAC = 32


def token_of(cipher: Cipher, order_id: str) -> str:
    """The last part of `/t/{token}`."""
    return f"{order_id}.{_mac(cipher, order_id)}"


def order_of(cipher: Cipher, token: str) -> str:
    """The order that the token is for; raises unknown_page for any other text."""
    order_id, _, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(cipher, order_id).encode()):
        raise DomainError("unknown_page", "there is no such page; use the address from the message about the order")
    return order_id


def _mac(cipher: Cipher, order_id: str) -> str:
    return cipher.blind_index(f"tracking page {order_id}")[:_MAC]
