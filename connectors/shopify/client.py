"""One shop's Admin API: sends documents, pays from the cost bucket, classifies what comes back."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from connectors.errors import (
    ConnectorError,
    ItemReason,
    NotAuthorizedError,
    NotFoundAtChannelError,
    OutcomeUnknownError,
    RejectedError,
    TryAgainError,
    UnreadableError,
)
from connectors.kit.http import HttpClient
from connectors.kit.limits import Limiter, Reading, cost_reading
from connectors.shopify.answers import Done, OneOrder, Outcome, Page, UserError
from connectors.shopify.schemas import Shape

S = TypeVar("S", bound=Shape)
D = TypeVar("D", bound=Done)
T = TypeVar("T")

API_VERSION = "2026-10"
STOREFRONT = f"/api/{API_VERSION}/graphql.json"
PATH = f"/admin/api/{API_VERSION}/graphql.json"
MOST_PAGES = 1000
COST_UNTIL_KNOWN = 50.0
BODY: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def gid(kind: str, number: str) -> str:
    return f"gid://shopify/{kind}/{number}"


class ShopifyClient:
    """Source: https://shopify.dev/docs/api/admin-graphql, limits: https://shopify.dev/docs/api/usage/limits."""

    def __init__(self, http: HttpClient, limiter: Limiter) -> None:
        self._http = http
        self._limiter = limiter
        self._costs: dict[str, float] = {}

    async def close(self) -> None:
        await self._http.close()

    async def ask(self, document: str, shape: type[S], **variables: Any) -> S:
        """Read something."""
        data = await self._send(document, variables, is_write=False)
        return _shaped(data, shape, is_write=False)

    async def look(self, document: str, shape: type[S], **variables: Any) -> S:
        """Read as a buyer does: the Storefront API has no cost bucket for it."""
        answer = await self._http.read("POST", STOREFRONT, json={"query": document, "variables": variables})
        return _shaped(answer.read(BODY).get("data") or {}, shape, is_write=False)

    async def tell(self, document: str, shape: type[D], **variables: Any) -> D:
        """Change something; the answer's own errors stay in it, since some of them mean "already done"."""
        data = await self._send(document, variables, is_write=True)
        answer = _shaped(data, _outcome(shape), is_write=True).done
        if answer is None:
            raise OutcomeUnknownError("Shopify did not say whether it was done", "the mutation answered null")
        done: D = answer
        return done

    async def ask_each(self, document: str, shape: type[S], **variables: Any) -> tuple[S | None, ...]:
        """Read several things under the aliases p0, p1 …; None for what is null."""
        data = await self._send(document, variables, is_write=False)
        return tuple(None if one is None else _shaped(one, shape, is_write=False) for one in _aliased(data))

    async def tell_each(self, document: str, shape: type[D], **variables: Any) -> tuple[D, ...]:
        """Change several things under the aliases p0, p1 …; each has its own errors."""
        data = await self._send(document, variables, is_write=True)
        return tuple(_shaped(one or {}, shape, is_write=True) for one in _aliased(data))

    async def pages(
        self, document: str, shape: type[S], page: Callable[[S], Page[T] | None], **variables: Any
    ) -> AsyncIterator[T]:
        """Every node of a paged list."""
        after: str | None = None
        for _ in range(MOST_PAGES):
            found = page(await self.ask(document, shape, after=after, **variables))
            if found is None:
                return
            for node in found.nodes:
                yield node
            if not found.page.next:
                return
            after = found.page.cursor
        raise UnreadableError("Shopify's list does not end", f"more than {MOST_PAGES} pages", field="pageInfo")

    async def _send(self, document: str, variables: Mapping[str, Any], *, is_write: bool) -> Mapping[str, Any]:
        cost = self._costs.get(document, COST_UNTIL_KNOWN)
        body = {"query": document, "variables": variables}
        reading: Reading | None = None
        await self._limiter.enter(cost)
        try:
            call = self._http.write if is_write else self._http.read
            payload = (await call("POST", PATH, json=body)).read(BODY)
            reading = cost_reading(payload)
        finally:
            self._limiter.leave(cost, reading)
        self._costs[document] = _cost(payload, "requestedQueryCost") or cost
        if payload.get("errors"):
            raise failure_of(payload, is_write=is_write)
        data = payload.get("data")
        if not isinstance(data, Mapping):
            raise _unreadable("data", "missing", is_write=is_write)
        return data


def _aliased(data: Mapping[str, Any]) -> list[Any]:
    return [data.get(f"p{index}") for index in range(len(data))]


@cache
def _outcome(shape: type[D]) -> type[Outcome[D]]:
    """Looked up once: pydantic takes longer to find a model that it made before than to read an answer."""
    return Outcome[shape]  # type: ignore[valid-type]  # a class made at run time


def _shaped(data: Mapping[str, Any], shape: type[S], *, is_write: bool) -> S:
    try:
        return shape.model_validate(data)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
    raise _unreadable(".".join(str(part) for part in first["loc"]), first["type"], is_write=is_write)


def _unreadable(field: str, wrong: str, *, is_write: bool) -> ConnectorError:
    """A write that is answered with nonsense has happened all the same."""
    text = f"{field}: {wrong}"
    if is_write:
        return OutcomeUnknownError("Shopify's answer cannot be read", text)
    return UnreadableError("Shopify sent what it does not document", text, field=field)


def failure_of(payload: Mapping[str, Any], *, is_write: bool) -> ConnectorError:
    """The error that GraphQL errors inside a 200 stand for; their texts stay out, since they repeat what was sent."""
    code = _code(payload["errors"])
    text = f"GraphQL error {code or 'without a code'}"
    if code == "THROTTLED":
        return TryAgainError("Shopify asks to wait", text, after=_wait(payload))
    if code == "ACCESS_DENIED":
        return NotAuthorizedError("Shopify does not allow this kind of call", text, scope="capability")
    if code in {"INTERNAL_SERVER_ERROR", "TIMEOUT", ""} or payload.get("data"):
        if is_write:
            return OutcomeUnknownError("Shopify did not say whether it was done", text)
        return (
            TryAgainError("Shopify could not answer", text) if code else RejectedError("Shopify refused the call", text)
        )
    return RejectedError("Shopify refused the call", text, reasons=(ItemReason(code=code),))


def _code(errors: Any) -> str:
    match errors:
        case [{"extensions": {"code": str(code)}}, *_]:
            return code
    return ""


def _cost(payload: Mapping[str, Any], name: str) -> float:
    cost = payload.get("extensions")
    for key in ("cost", name):
        cost = cost.get(key) if isinstance(cost, Mapping) else None
    return float(cost) if isinstance(cost, int | float) else 0.0


def _wait(payload: Mapping[str, Any]) -> timedelta | None:
    """Until the bucket holds what the call costs."""
    reading = cost_reading(payload)
    if reading is None or not reading.per_second or reading.left is None:
        return None
    missing = max(0.0, _cost(payload, "requestedQueryCost") - reading.left)
    return timedelta(seconds=missing / reading.per_second)


def order_in(answer: OneOrder[S]) -> S:
    """The order of an answer, which is null when the shop has no such order."""
    if answer.order is None:
        raise NotFoundAtChannelError("Shopify does not know this order")
    return answer.order


def refused(what: str, errors: tuple[UserError, ...]) -> RejectedError:
    """A mutation's own "no"; these mutations take ids and numbers, so their texts hold no personal data."""
    reasons = tuple(
        ItemReason(item=".".join(error.field or ()), code=error.code or "refused", text=error.message[:200])
        for error in errors
    )
    told = "; ".join(f"{reason.code}: {reason.text}" for reason in reasons)
    return RejectedError(f"Shopify refused to {what}", f"{what}: {told}", reasons=reasons)
