"""What WooCommerce complains about, as codes; its sentences may repeat what was sent and are left out."""

import re
from http import HTTPStatus

from connectors.contract import ListingIssue
from connectors.errors import ItemReason
from connectors.woocommerce.client import refusal
from connectors.woocommerce.schemas import WooError

SAFE = re.compile(r"[\w.:-]{1,80}")
FIELDS = {
    "product_invalid_sku": "sku",
    "woocommerce_product_image_upload_error": "images",
    "woocommerce_rest_product_invalid_id": "id",
}
"""Which field a code is about, where WooCommerce does not say it."""


def reasons(body: bytes) -> tuple[ItemReason, ...]:
    """The code of an error's body, with the names of the parameters that are wrong."""
    said = refusal(body)
    code = code_of(said)
    if not code:
        return ()
    return tuple(ItemReason(code=code, text=name) for name in _params(said)) or (ItemReason(code=code),)


def is_refusal(status: int, body: bytes) -> bool:
    """A 500 that is a no: WooCommerce answers so when the payment gateway will not refund, and undoes its record."""
    return status == HTTPStatus.INTERNAL_SERVER_ERROR and code_of(refusal(body)).startswith("woocommerce_rest_cannot_")


def code_of(said: WooError) -> str:
    return said.code if SAFE.fullmatch(said.code) else "unspecified" if said.code else ""


def issues(said: WooError, sku: str = "") -> tuple[ListingIssue, ...]:
    """Why one listing was refused; `sku` names the variant that it is about."""
    code = code_of(said) or "refused"
    fields = _params(said) or (FIELDS.get(code, ""),)
    place = f"{sku}." if sku else ""
    return tuple(
        ListingIssue(code=code, field=f"{place}{name}".strip("."), message=said.message[:300]) for name in fields
    )


def _params(said: WooError) -> tuple[str, ...]:
    named = said.data.params
    return tuple(name for name in named if SAFE.fullmatch(str(name))) if isinstance(named, dict) else ()
