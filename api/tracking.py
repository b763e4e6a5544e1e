"""The addresses of an order's public pages; nobody can guess them from the order, nor one from the other."""

import hmac

from db.vault import Cipher
from domain.errors import DomainError

_MAC = 32
TRACKING = "tracking page"
RETURNS = "return page"


def token_of(cipher: Cipher, order_id: str, page: str = TRACKING) -> str:
    """The last part of `/t/{token}` or `/r/{token}`."""
    return f"{order_id}.{_mac(cipher, order_id, page)}"


def order_of(cipher: Cipher, token: str, page: str = TRACKING) -> str:
    """The order that the token is for; raises unknown_page for any other text."""
    order_id, _, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(cipher, order_id, page).encode()):
        raise DomainError("unknown_page", "there is no such page; use the address from the message about the order")
    return order_id


def _mac(cipher: Cipher, order_id: str, page: str) -> str:
    return cipher.blind_index(f"{page} {order_id}")[:_MAC]
