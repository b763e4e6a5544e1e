"""The platform's idempotency directive: required, and one key is one outcome."""

import functools
import json
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, get_directive_values

from sandbox.shopify.call import Info
from sandbox.shopify.state import Answered, Body

Resolver = Callable[..., Body]

HAS_CODES = frozenset({"inventorySetQuantities", "inventoryAdjustQuantities"})


def idempotent(resolve: Resolver) -> Resolver:
    """Run once per (mutation, key): a repeat is given the first answer, other arguments or a failed key an error."""

    @functools.wraps(resolve)
    def once(root: None, info: Info, **given: Any) -> Body:
        key = _key(info)
        fingerprint = json.dumps(given, sort_keys=True, default=str)
        answered = info.context.shop.answered
        before = answered.get((info.field_name, key))
        if before and before.fingerprint != fingerprint:
            text = "The same idempotency key cannot be used with different operation parameters."
            return _refusal(info, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", text)
        if before and before.has_failed:
            text = "A previous request with this idempotency key failed. Retry with a new idempotency key."
            return _refusal(info, "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", text)
        if before:
            return before.payload
        payload = resolve(root, info, **given)
        answered[info.field_name, key] = Answered(fingerprint, payload, has_failed=bool(payload["userErrors"]))
        return payload

    return once


def _key(info: Info) -> str:
    directive = info.schema.get_directive("idempotent")
    assert directive
    values = get_directive_values(directive, info.field_nodes[0], info.variable_values)
    key = str((values or {}).get("key") or "").strip()
    if not key:
        text = "The @idempotent directive is required for this mutation but was not provided."
        raise GraphQLError(text, extensions={"code": "BAD_REQUEST"})
    return key


def _refusal(info: Info, code: str, text: str) -> Body:
    error: Body = {"field": None, "message": text}
    return {"userErrors": [error | {"code": code} if info.field_name in HAS_CODES else error]}
