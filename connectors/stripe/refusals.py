"""Why Stripe refused; its sentences may repeat what was sent and are left out, its codes are kept."""

import re

from pydantic import ValidationError

from connectors.errors import ItemReason
from connectors.stripe.schemas import StripeErrorBody

CODE = re.compile(r"[a-z][a-z0-9_]{0,79}")
FIELD = re.compile(r"[a-z][a-z0-9_\[\]]{0,79}")


def reasons(body: bytes) -> tuple[ItemReason, ...]:
    """Code and bank's code; `item` is the field that Stripe complains about."""
    try:
        error = StripeErrorBody.model_validate_json(body).error
    except ValidationError:
        return ()
    field = error.param if FIELD.fullmatch(error.param) else ""
    codes = dict.fromkeys(code for code in (error.code or error.type, error.decline_code) if CODE.fullmatch(code))
    return tuple(ItemReason(item=field, code=code) for code in codes)
