"""Stripe's events: which types are read, and what they say about money."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import ValidationError

from connectors.contract import Delivery
from connectors.errors import UnreadableError
from connectors.kit.webhooks import body_id
from connectors.stripe.amounts import from_stripe
from connectors.stripe.schemas import (
    Shape,
    StripeCharge,
    StripeDispute,
    StripeEnvelope,
    StripeEvent,
    StripeIntent,
    StripeRefund,
)
from domain.news import News, PaymentMovement, PaymentNews

S = TypeVar("S", bound=Shape)

REFUNDS: Mapping[str, PaymentMovement] = {
    "succeeded": "refunded",
    "failed": "refund_failed",
    "canceled": "refund_failed",
}


def identify(headers: Mapping[str, str], body: bytes) -> Delivery:
    """Topic and id stand in the body; a retry carries the same id."""
    try:
        found = StripeEnvelope.model_validate_json(body)
    except ValidationError:
        found = StripeEnvelope()
    return Delivery(
        topic=found.type, event_id=found.id or body_id(body), headers=headers, body=body, triggered_at=found.created
    )


def read(topic: str, body: bytes) -> tuple[News, ...] | None:
    reader = READERS.get(topic)
    return None if reader is None else reader(body)


def _event(shape: type[S], body: bytes) -> StripeEvent[S]:
    """The error names the first wrong field and repeats nothing of what was sent."""
    try:
        return StripeEvent[shape].model_validate_json(body)  # type: ignore[valid-type]  # a class made at run time
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the whole body"
    raise UnreadableError("Stripe sent what it does not document", f"{field}: {first['type']}", field=field)


def _captured(body: bytes) -> tuple[News, ...]:
    return _of_intent(body, "captured")


def _authorized(body: bytes) -> tuple[News, ...]:
    return _of_intent(body, "authorized")


def _voided(body: bytes) -> tuple[News, ...]:
    return _of_intent(body, "voided")


def _failed(body: bytes) -> tuple[News, ...]:
    return _of_intent(body, "failed")


def _of_intent(body: bytes, kind: PaymentMovement) -> tuple[News, ...]:
    event = _event(StripeIntent, body)
    intent = event.data.object
    error = intent.last_payment_error
    return (
        PaymentNews(
            kind=kind,
            payment_external_id=intent.id,
            external_id=intent.id,
            amount={"captured": intent.received, "authorized": intent.authorized}.get(kind, intent.whole),
            reason=error.decline_code or error.code if error and kind == "failed" else "",
            at=event.created,
        ),
    )


def _refund(body: bytes) -> tuple[News, ...]:
    event = _event(StripeRefund, body)
    return (_of_refund(event, event.data.object),)


def _charge_refunded(body: bytes) -> tuple[News, ...]:
    """Where the API version lists the refunds, each; elsewhere `refund.created` says it."""
    event = _event(StripeCharge, body)
    refunds = event.data.object.refunds
    return tuple(_of_refund(event, refund) for refund in refunds.data) if refunds else ()


def _of_refund(event: StripeEvent[S], refund: StripeRefund) -> PaymentNews:
    return PaymentNews(
        kind=REFUNDS.get(refund.status, "refund_pending"),
        payment_external_id=refund.payment_intent or refund.charge,
        external_id=refund.id,
        reference=refund.reference,
        amount=refund.money,
        reason=refund.failure_reason,
        at=event.created,
    )


def _dispute(body: bytes) -> tuple[News, ...]:
    """The status counts, not the type: a late event then says nothing wrong."""
    event = _event(StripeDispute, body)
    dispute = event.data.object
    kind = DISPUTES.get(dispute.status)
    if kind is None:
        return ()
    return (
        PaymentNews(
            kind=kind,
            payment_external_id=dispute.payment_intent or dispute.charge,
            external_id=dispute.id,
            amount=from_stripe(dispute.amount, dispute.currency),
            reason=dispute.reason,
            at=event.created,
        ),
    )


DISPUTES: Mapping[str, PaymentMovement] = {
    "warning_needs_response": "inquiry_opened",
    "warning_under_review": "inquiry_opened",
    "warning_closed": "inquiry_closed",
    "needs_response": "dispute_opened",
    "under_review": "dispute_opened",
    "won": "dispute_won",
    "lost": "dispute_lost",
}
"""An inquiry takes no money yet. `charge_refunded` ends one by a refund, which is told by itself."""

READERS: Mapping[str, Callable[[bytes], tuple[News, ...]]] = {
    "payment_intent.amount_capturable_updated": _authorized,
    "payment_intent.succeeded": _captured,
    "payment_intent.canceled": _voided,
    "payment_intent.payment_failed": _failed,
    **dict.fromkeys(("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"), _refund),
    "charge.refunded": _charge_refunded,
    **dict.fromkeys(
        (
            "charge.dispute.created",
            "charge.dispute.updated",
            "charge.dispute.closed",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.funds_reinstated",
        ),
        _dispute,
    ),
}
