"""What people may ask of an order: recorded as a fact, or refused with the reason."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Connection

from api.auth import Operations, Support
from api.deps import HubDep, Now
from api.expected import Unchanged
from api.routes.orders import OrderId
from api.schemas.actions import AddressIn, CancelIn, FactOut, HoldIn, PreviewOut, RetryIn, SettleIn
from db import audit, commands, doubts, versions
from db.actors import Actor
from db.preview import preview as try_out

router = APIRouter(prefix="/orders/{order}", tags=["order actions"])

PREVIEWED: dict[int | str, dict[str, Any]] = {
    200: {"model": PreviewOut, "description": "What would happen; nothing has"}
}


class Doing:
    """Carries one command out, in one transaction with its audit row; or only tries it."""

    def __init__(
        self,
        order: OrderId,
        hub: HubDep,
        now: Now,
        response: Response,
        unchanged: Unchanged,
        preview: Annotated[bool, Query(description="say what would happen, and change nothing")] = False,
    ) -> None:
        self._order = order
        self._hub = hub
        self._response = response
        self._unchanged = unchanged
        self._preview = preview
        self.now = now

    async def __call__(
        self, caller: Actor, action: str, command: Callable[[Connection], int], asked: Mapping[str, Any] | None = None
    ) -> FactOut | PreviewOut:
        """`asked` is what the audit log keeps of the request: no personal data."""
        if self._preview:
            tried = await self._hub.database.write(lambda tx: try_out(tx, self._order, lambda: command(tx), self.now))
            self._response.status_code = 200
            return PreviewOut.of(tried)

        def work(tx: Connection) -> int:
            self._unchanged.check(tx, versions.order(self._order))
            seq = command(tx)
            audit.record(tx, caller, action, self._order, now=self.now, after={**(asked or {}), "seq": seq})
            return seq

        return FactOut(order_id=self._order, seq=await self._hub.database.write(work))


Do = Annotated[Doing, Depends()]


@router.post("/cancel", status_code=202, responses=PREVIEWED)
async def cancel_order(order: OrderId, wish: CancelIn, caller: Support, do: Do) -> FactOut | PreviewOut:
    """Cancel the whole order or units of lines. Every location is asked; `too_late` for what has shipped."""
    return await do(
        caller,
        "order.cancel",
        lambda tx: commands.request_cancel(tx, order, by=caller.name, now=do.now, lines=wish.lines, reason=wish.reason),
        wish.model_dump(),
    )


@router.post("/hold", status_code=202, responses=PREVIEWED)
async def hold_order(order: OrderId, wish: HoldIn, caller: Support, do: Do) -> FactOut | PreviewOut:
    """Route and send nothing more until it is released; what a location has begun goes on."""
    return await do(
        caller,
        "order.hold",
        lambda tx: commands.hold(tx, order, by=caller.name, reason=wish.reason, now=do.now),
        wish.model_dump(),
    )


@router.post("/release", status_code=202, responses=PREVIEWED)
async def release_order(order: OrderId, caller: Operations, do: Do) -> FactOut | PreviewOut:
    """Let the order go in spite of payment, risk of fraud and holds."""
    return await do(caller, "order.release", lambda tx: commands.release(tx, order, by=caller.name, now=do.now))


@router.post("/address", status_code=202, responses=PREVIEWED)
async def change_address(
    order: OrderId, address: AddressIn, caller: Support, hub: HubDep, do: Do
) -> FactOut | PreviewOut:
    """Ship elsewhere; what was sent to the old address is recalled and routed again."""
    return await do(
        caller,
        "order.address",
        lambda tx: commands.change_address(tx, hub.vault, order, address.address(), by=caller.name, now=do.now),
        {"country": address.country},
    )


@router.post("/retry", status_code=202, responses=PREVIEWED)
async def retry_order(order: OrderId, wish: RetryIn, caller: Operations, do: Do) -> FactOut | PreviewOut:
    """Go on with an order that stands still, in one of three ways."""
    return await do(
        caller,
        "order.retry",
        lambda tx: commands.retry(tx, order, how=wish.how, by=caller.name, now=do.now),
        wish.model_dump(),
    )


@router.post("/re-route", status_code=202, responses=PREVIEWED)
async def reroute_order(order: OrderId, caller: Operations, do: Do) -> FactOut | PreviewOut:
    """Take back what has not shipped and decide anew where it ships from."""
    return await do(caller, "order.re-route", lambda tx: commands.reroute(tx, order, by=caller.name, now=do.now))


@router.post("/settle", status_code=202, responses=PREVIEWED)
async def settle_doubt(order: OrderId, wish: SettleIn, caller: Operations, do: Do) -> FactOut | PreviewOut:
    """Say whether a write in doubt happened. What did not is done again at once, without a look-up first."""
    return await do(
        caller,
        "order.settle",
        lambda tx: doubts.settle(
            tx, order, wish.key, happened=wish.happened, reference=wish.reference, by=caller.name, now=do.now
        ),
        wish.model_dump(),
    )
