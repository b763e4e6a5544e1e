"""What people decide about a return: each with a reason, a fact and a row of the audit log."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import Connection

from api.auth import Operations, Support
from api.deps import HubDep, Now
from api.expected import Unchanged
from api.routes.returns import ReturnId, whole
from api.schemas.returns import AmountIn, ClawBackIn, OverrideIn, ReasonIn, RetryIn, ReturnOut
from db import audit, versions
from db.actors import Actor
from db.returns import commands, exchange
from db.returns.rows import row_of

router = APIRouter(prefix="/returns/{return_id}", tags=["returns"])


class Doing:
    """Carries one command out, in one transaction with its audit row."""

    def __init__(self, return_id: ReturnId, hub: HubDep, now: Now, unchanged: Unchanged) -> None:
        self.return_id = return_id
        self.now = now
        self._hub = hub
        self._unchanged = unchanged

    async def __call__(
        self, caller: Actor, action: str, command: Callable[[Connection], object], asked: Mapping[str, Any]
    ) -> ReturnOut:
        def work(tx: Connection) -> ReturnOut:
            self._unchanged.check(tx, versions.order_return(self.return_id))
            before = row_of(tx, self.return_id)
            command(tx)
            known = {"state": before.state, "decision": before.decision}
            audit.record(tx, caller, f"return.{action}", self.return_id, now=self.now, before=known, after=asked)
            return whole(tx, self._hub, self.return_id, caller)

        return await self._hub.database.write(work)


Do = Annotated[Doing, Depends()]


@router.post("/approve")
async def approve_return(wish: ReasonIn, caller: Operations, do: Do) -> ReturnOut:
    """Let it come back."""
    return await do(
        caller,
        "approve",
        lambda tx: commands.approve(tx, do.return_id, by=caller.name, reason=wish.reason, now=do.now),
        wish.model_dump(),
    )


@router.post("/refuse")
async def refuse_return(wish: ReasonIn, caller: Operations, do: Do) -> ReturnOut:
    """Nothing may come back; channel and buyer are told."""
    return await do(
        caller,
        "refuse",
        lambda tx: commands.refuse(tx, do.return_id, by=caller.name, reason=wish.reason, now=do.now),
        wish.model_dump(),
    )


@router.post("/override")
async def override_return(wish: OverrideIn, caller: Operations, do: Do) -> ReturnOut:
    """Authorize, pay, or do without the goods, in spite of the policy."""
    asked = wish.model_dump(exclude={"reason"})
    return await do(
        caller,
        "override",
        lambda tx: commands.override(tx, do.return_id, by=caller.name, reason=wish.reason, now=do.now, **asked),
        wish.model_dump(),
    )


@router.post("/settle-grades")
async def settle_grades(wish: ReasonIn, caller: Operations, do: Do) -> ReturnOut:
    """Pay nothing for units in a condition that is not accepted."""
    return await do(
        caller,
        "settle-grades",
        lambda tx: commands.settle_grades(tx, do.return_id, by=caller.name, reason=wish.reason, now=do.now),
        wish.model_dump(),
    )


@router.post("/withdraw")
async def withdraw_return(caller: Support, do: Do) -> ReturnOut:
    """The buyer keeps the goods."""
    return await do(caller, "withdraw", lambda tx: commands.withdraw(tx, do.return_id, by=caller.name, now=do.now), {})


@router.post("/retry")
async def retry_return(wish: RetryIn, caller: Operations, do: Do) -> ReturnOut:
    """Go on with a return that stands still."""
    return await do(
        caller,
        "retry",
        lambda tx: commands.retry(tx, do.return_id, how=wish.how, by=caller.name, now=do.now),
        wish.model_dump(),
    )


@router.post("/claw-back")
async def settle_claw_back(wish: ClawBackIn, caller: Operations, do: Do) -> ReturnOut:
    """Goods that were paid for never came: record what the buyer paid back, or write it off."""
    return await do(
        caller,
        "claw-back",
        lambda tx: commands.claw_back(
            tx, do.return_id, recovered=wish.recovered, reference=wish.reference, by=caller.name, reason=wish.reason,
            now=do.now,
        ),
        wish.model_dump(),
    )  # fmt: skip


@router.post("/difference-paid")
async def pay_difference(wish: AmountIn, caller: Support, do: Do) -> ReturnOut:
    """The buyer paid what the new order of an exchange costs more."""
    return await do(
        caller,
        "difference-paid",
        lambda tx: exchange.pay_difference(tx, do.return_id, wish.amount, wish.reference, by=caller.name, now=do.now),
        wish.model_dump(),
    )
