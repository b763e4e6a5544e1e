"""How the platform says no to a mutation: in the payload's list of errors."""

import functools
from collections.abc import Callable
from typing import Any

from sandbox.shopify.call import Info
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.state import Body


def refusing(errors: str = "userErrors") -> Callable[[Callable[..., Body]], Callable[..., Body]]:
    """Turn a refusal into the payload's list of errors."""

    def around(resolve: Callable[..., Body]) -> Callable[..., Body]:
        @functools.wraps(resolve)
        def answer(_root: None, info: Info, **given: Any) -> Body:
            try:
                return resolve(info, **given) | {errors: []}
            except RefusedError as no:
                return {errors: [{"field": no.field, "message": str(no), "code": no.code}]}

        return answer

    return around
