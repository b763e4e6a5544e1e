"""Captures and refunds through the shop, in the currency that the buyer paid in."""

from connectors.contract import PaymentRequest, ShownPayment
from connectors.errors import OutcomeUnknownError, RejectedError
from connectors.shopify import documents
from connectors.shopify.answers import (
    Captured,
    OneOrder,
    OrderPayments,
    OrderRefunds,
    Payment,
    Refund,
    Refunded,
)
from connectors.shopify.client import ShopifyClient, gid, order_in, refused
from connectors.shopify.mapping import both
from connectors.shopify.schemas import digits


class Payments:
    def __init__(self, client: ShopifyClient) -> None:
        self._client = client

    async def capture(self, request: PaymentRequest) -> ShownPayment:
        """Shopify has no key for this call: it is looked up first, and Shopify itself caps it at what was authorized."""
        payments = await self._payments(request)
        if shown := _capture_of(payments, request):
            return shown
        parent = _parent(payments, request, "AUTHORIZATION")
        given = {
            "id": gid("Order", request.order_external_id),
            "parentTransactionId": parent.id,
            "amount": request.amount.decimal,
            "currency": request.amount.currency,
        }
        done = await self._client.tell(documents.CAPTURE, Captured, input=given)
        if done.errors or done.transaction is None:
            if shown := await self.find_capture(request):
                return shown
            raise refused("capture the payment", done.errors)
        if done.transaction.status != "SUCCESS":
            raise OutcomeUnknownError("Shopify has not captured the payment yet", f"status {done.transaction.status}")
        return _shown(done.transaction)

    async def find_capture(self, request: PaymentRequest) -> ShownPayment | None:
        """By amount and authorization: of two captures of one amount, `others` says which is known already."""
        return _capture_of(await self._payments(request), request)

    async def refund(self, request: PaymentRequest, key: str) -> ShownPayment:
        """The reference travels as the refund's note, which is what a look-up goes by.

        Without an amount it takes units out of the order that were not paid for yet.
        """
        order = gid("Order", request.order_external_id)
        entries = [await self._entry(request, order)] if request.amount.amount_minor else []
        lines = [
            {"lineItemId": gid("LineItem", line), "quantity": units, "restockType": "NO_RESTOCK"}
            for line, units in request.lines
        ]
        given = {
            "orderId": order,
            "currency": request.amount.currency,
            "note": request.reference,
            "transactions": entries,
            "refundLineItems": lines,
        }
        done = await self._client.tell(documents.REFUND, Refunded, input=given, key=key)
        if done.errors or done.refund is None:
            if shown := await self.find_refund(request):
                return shown
            raise refused("refund the order", done.errors)
        return _shown_refund(done.refund)

    async def _entry(self, request: PaymentRequest, order: str) -> dict[str, str]:
        parent = _parent(await self._payments(request), request, "SALE", "CAPTURE")
        return {
            "orderId": order,
            "kind": "REFUND",
            "gateway": parent.gateway,
            "parentId": parent.id,
            "amount": request.amount.decimal,
        }

    async def find_refund(self, request: PaymentRequest) -> ShownPayment | None:
        order = gid("Order", request.order_external_id)
        answer = order_in(await self._client.ask(documents.REFUNDS, OneOrder[OrderRefunds], id=order))
        return next((_shown_refund(refund) for refund in answer.refunds if refund.note == request.reference), None)

    async def _payments(self, request: PaymentRequest) -> tuple[Payment, ...]:
        order = gid("Order", request.order_external_id)
        return order_in(await self._client.ask(documents.PAYMENTS, OneOrder[OrderPayments], id=order)).transactions


def _parent(payments: tuple[Payment, ...], request: PaymentRequest, *kinds: str) -> Payment:
    wanted = request.parent_external_id
    for payment in payments:
        if payment.kind in kinds and payment.status == "SUCCESS" and wanted in {"", payment.number}:
            return payment
    raise RejectedError("Shopify shows no payment to build on", f"no successful {' or '.join(kinds)} on the order")


def _capture_of(payments: tuple[Payment, ...], request: PaymentRequest) -> ShownPayment | None:
    for payment in payments:
        parent = digits(payment.parent.id) if payment.parent else ""
        is_ours = request.parent_external_id in {"", parent} and payment.status == "SUCCESS"
        if payment.kind != "CAPTURE" or not is_ours or payment.number in request.others:
            continue
        if both(payment.amount).presentment == request.amount:
            return _shown(payment)
    return None


def _shown(payment: Payment) -> ShownPayment:
    return ShownPayment(external_id=payment.number, amount=both(payment.amount).presentment)


def _shown_refund(refund: Refund) -> ShownPayment:
    return ShownPayment(external_id=refund.movement, amount=both(refund.total).presentment)
