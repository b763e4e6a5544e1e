"""What tests may do at the simulated provider beyond Stripe's own API: buyers pay, banks dispute and refuse."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from sandbox.stripe import money
from sandbox.stripe.events import Events
from sandbox.stripe.state import Account, Body, Endpoint, RefusedError, Settings


class Payment(BaseModel):
    """A buyer pays; the amount is in Stripe's smallest unit."""

    model_config = ConfigDict(extra="forbid")

    amount: int = Field(gt=0)
    currency: str = Field(pattern=r"^[a-z]{3}$")
    capture: bool = False


class DisputeEnd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    status: Literal["won", "lost", "warning_closed"]


class RefundEnd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    status: Literal["succeeded", "failed"]


def control(account: Callable[[], Account], events: Events) -> APIRouter:
    router = APIRouter()

    @router.post("/settings")
    async def change(changes: Settings) -> Settings:
        """Change the settings that are named."""
        named = {name: getattr(changes, name) for name in changes.model_fields_set}
        account().settings = account().settings.model_copy(update=named)
        return account().settings

    @router.post("/endpoints")
    async def subscribe(endpoint: Endpoint) -> None:
        """Send every event there, signed with each of the secrets; the same address again replaces its secrets."""
        others = [kept for kept in account().endpoints if kept.url != endpoint.url]
        account().endpoints = [*others, endpoint]

    @router.post("/payments")
    async def pay(payment: Payment) -> Body:
        made = money.authorize(account(), payment.amount, payment.currency, capture=payment.capture)
        kind = "succeeded" if payment.capture else "amount_capturable_updated"
        events.tell(account(), f"payment_intent.{kind}", made)
        return made

    @router.get("/payments/{intent}")
    async def payment(intent: str) -> Body:
        """The payment with its charge and refunds, as the provider's staff see it."""
        found = _found(lambda: account().intent(intent))
        refunds = [one for one in account().refunds.values() if one["payment_intent"] == intent]
        return found | {"charge": account().charges[found["latest_charge"]], "refunds": refunds}

    @router.post("/payments/{intent}/dispute")
    async def dispute(intent: str, *, inquiry: bool = False) -> Body:
        made = money.dispute(account(), _found(lambda: account().intent(intent)), inquiry=inquiry)
        events.tell(account(), "charge.dispute.created", made)
        return made

    @router.post("/disputes/{dispute_id}/close")
    async def close(dispute_id: str, end: DisputeEnd) -> Body:
        found = _found(lambda: account().dispute(dispute_id))
        found["status"] = end.status
        events.tell(account(), "charge.dispute.closed", found)
        return found

    @router.post("/refunds/{refund_id}/settle")
    async def settle(refund_id: str, end: RefundEnd) -> Body:
        """The bank's word on a refund, days later."""
        found = _found(lambda: account().refund(refund_id))
        money.settle(account(), found, end.status)
        events.tell(account(), "refund.failed" if end.status == "failed" else "refund.updated", found)
        return found

    return router


def _found(look: Callable[[], Body]) -> Body:
    try:
        return look()
    except RefusedError as no:
        raise HTTPException(404, str(no)) from None
