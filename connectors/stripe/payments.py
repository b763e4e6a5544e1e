"""Captures, voids and refunds of one payment; a PaymentIntent is captured or canceled once, and refunded often."""

import re

from connectors.contract import PaymentRequest, ShownPayment
from connectors.errors import ItemReason, OutcomeUnknownError, RejectedError
from connectors.stripe.amounts import to_stripe
from connectors.stripe.client import StripeClient
from connectors.stripe.schemas import REFERENCE, StripeIntent, StripeRefund

INTENT = re.compile(r"pi_\w{1,250}", re.ASCII)
NOT_MOVED = {"failed", "canceled"}


class Payments:
    def __init__(self, client: StripeClient) -> None:
        self._client = client

    async def capture(self, request: PaymentRequest, key: str) -> ShownPayment:
        """Take it once: what a smaller capture leaves is released by Stripe, and a second capture is refused."""
        intent = await self._intent(request)
        if shown := _capture_in(intent, request):
            return shown
        try:
            intent = await self._client.capture(intent.id, to_stripe(request.amount), key)
        except RejectedError:
            if shown := await self.find_capture(request):
                return shown
            raise
        if shown := _capture_in(intent, request):
            return shown
        raise OutcomeUnknownError("Stripe has not captured the payment yet", f"status {intent.status}")

    async def find_capture(self, request: PaymentRequest) -> ShownPayment | None:
        """A payment has one capture, so that one of our amount is ours; another amount is somebody else's."""
        return _capture_in(await self._intent(request), request)

    async def void(self, request: PaymentRequest, key: str) -> ShownPayment:
        try:
            intent = await self._client.cancel(_intent_id(request), key)
        except RejectedError:
            if shown := await self.find_void(request):
                return shown
            raise
        if shown := _void_in(intent):
            return shown
        raise OutcomeUnknownError("Stripe has not canceled the payment yet", f"status {intent.status}")

    async def find_void(self, request: PaymentRequest) -> ShownPayment | None:
        return _void_in(await self._intent(request))

    async def refund(self, request: PaymentRequest, key: str) -> ShownPayment:
        """Our reference travels in the metadata: a repeat after Stripe has forgotten the key is found by it."""
        intent = await self._intent(request)
        if (shown := await self._find_refund(intent, request)) and shown.state != "failed":
            return shown
        form = {
            "payment_intent": intent.id,
            "amount": str(to_stripe(request.amount)),
            f"metadata[{REFERENCE}]": request.reference,
        }
        try:
            made = await self._client.refund(form, key)
        except RejectedError:
            if shown := await self._find_refund(intent, request):
                return shown
            raise
        if made.status in NOT_MOVED:
            reason = ItemReason(code=made.failure_reason or made.status)
            raise RejectedError("the bank refused the refund", f"refund {made.status}", reasons=(reason,))
        return _shown_refund(made)

    async def find_refund(self, request: PaymentRequest) -> ShownPayment | None:
        return await self._find_refund(await self._intent(request), request)

    async def _find_refund(self, intent: StripeIntent, request: PaymentRequest) -> ShownPayment | None:
        found = (refund for refund in await self._client.refunds_of(intent.id) if refund.reference == request.reference)
        return next((_shown_refund(refund) for refund in found), None)

    async def _intent(self, request: PaymentRequest) -> StripeIntent:
        """Stripe takes refunds and captures without a currency, so a mistaken one must be refused here."""
        intent = await self._client.intent(_intent_id(request))
        if intent.currency != request.amount.currency:
            raise RejectedError(
                "the payment was made in another currency",
                f"the payment is in {intent.currency}, the request in {request.amount.currency}",
                reasons=(ItemReason(item="currency", code="currency_mismatch"),),
            )
        return intent


def _intent_id(request: PaymentRequest) -> str:
    if not INTENT.fullmatch(request.parent_external_id):
        raise RejectedError(
            "the order's tender names no payment at Stripe",
            "parent_external_id is not the id of a PaymentIntent (pi_…)",
            reasons=(ItemReason(item="parent_external_id", code="no_payment"),),
        )
    return request.parent_external_id


def _capture_in(intent: StripeIntent, request: PaymentRequest) -> ShownPayment | None:
    if intent.status != "succeeded" or intent.received != request.amount or intent.id in request.others:
        return None
    return ShownPayment(external_id=intent.id, amount=intent.received)


def _void_in(intent: StripeIntent) -> ShownPayment | None:
    if intent.status != "canceled":
        return None
    return ShownPayment(external_id=intent.id, amount=intent.whole)


def _shown_refund(refund: StripeRefund) -> ShownPayment:
    state = "failed" if refund.status in NOT_MOVED else "done" if refund.status == "succeeded" else "pending"
    return ShownPayment(external_id=refund.id, amount=refund.money, state=state)
