"""What ShipBob complains about, by field; its sentences may repeat what was sent and are left out."""

import re

from pydantic import ValidationError

from connectors.errors import ItemReason
from connectors.shipbob.schemas import ANY_JSON
from domain.fulfillment import FulfillmentRequest

SAFE_CODE = re.compile(r"[\w.\[\]]{1,80}")
PRODUCT_FIELD = re.compile(r"(?i)\$?\.?products\[(\d+)\]\.?(.*)")


def reasons(body: bytes) -> tuple[ItemReason, ...]:
    """The complaints of an error body; for a product, `item` is its position in the order that was sent."""
    try:
        errors = ANY_JSON.validate_json(body)
    except ValidationError:
        return ()
    if not isinstance(errors, dict):
        return ()
    return tuple(_reason(str(field)) for field, messages in errors.items() if isinstance(messages, list))


def _reason(field: str) -> ItemReason:
    if product := PRODUCT_FIELD.fullmatch(field):
        return ItemReason(item=product[1], code=code_of(product[2]))
    return ItemReason(code=code_of(field))


def by_line(found: tuple[ItemReason, ...], request: FulfillmentRequest) -> tuple[ItemReason, ...]:
    """Name our line instead of the product's position in the body."""
    return tuple(
        reason.model_copy(update={"item": request.lines[int(reason.item)].line_id})
        if reason.item and int(reason.item) < len(request.lines)
        else reason
        for reason in found
    )


def code_of(text: str) -> str:
    """A platform's name for something, if it can only be a name; never a sentence, which could hold a person."""
    return text if SAFE_CODE.fullmatch(text) else "unspecified"
