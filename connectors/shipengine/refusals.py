"""Why ShipEngine refused, as codes; its sentences repeat names and addresses and are left out."""

import re

from pydantic import ValidationError

from connectors.errors import ItemReason
from connectors.shipengine.schemas import ShipEngineErrors

CODE = re.compile(r"[a-z][a-z0-9_]{0,79}")


def reasons(body: bytes) -> tuple[ItemReason, ...]:
    try:
        errors = ShipEngineErrors.model_validate_json(body).errors
    except ValidationError:
        return ()
    return tuple(ItemReason(code=error.error_code) for error in errors if CODE.fullmatch(error.error_code))
