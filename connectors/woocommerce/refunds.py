"""Refunds through the shop's payment gateway; our reference is kept in the refund's metadata."""

from connectors.contract import PaymentRequest, ShownPayment
from connectors.errors import RejectedError
from connectors.woocommerce.client import WooClient
from connectors.woocommerce.forms import REFERENCE
from connectors.woocommerce.order_schemas import WooOrder, WooRefund
from domain.money import Money, money


class Refunds:
    """WooCommerce has no idempotency key: a refund is looked up before it is made, and capped by what is left."""

    def __init__(self, client: WooClient) -> None:
        self._client = client

    async def of(self, order: str) -> tuple[WooRefund, ...]:
        return tuple([refund async for refund in self._client.all(f"/orders/{order}/refunds", WooRefund)])

    async def refund(self, request: PaymentRequest) -> ShownPayment:
        """Nothing is put on the shop's shelf: units that came back are published by the hub."""
        order = await self._client.get(f"/orders/{request.order_external_id}", WooOrder)
        if order.currency != request.amount.currency:
            raise RejectedError("the order was paid in another currency", f"the order is in {order.currency}")
        lines = [{"id": int(line), "quantity": units} for line, units in request.lines if line.isdecimal()]
        return await self._once(order, request.reference, request.amount, lines)

    async def rest(self, order: WooOrder) -> ShownPayment | None:
        """All that is left of an order that is about to be canceled; None if nothing is."""
        given_back = sum(money(entry.total or 0, order.currency).amount_minor for entry in order.refunds)
        left = money(order.total or 0, order.currency).amount_minor + given_back
        if left <= 0:
            return None
        return await self._once(order, f"cancel:{order.id}", Money(amount_minor=left, currency=order.currency), [])

    async def _once(self, order: WooOrder, reference: str, amount: Money, lines: list[dict[str, int]]) -> ShownPayment:
        if shown := await self._find(str(order.id), reference, order.currency):
            return shown
        body = {
            "amount": amount.decimal,
            "reason": "",
            "api_refund": True,
            "api_restock": False,
            "line_items": lines,
            "meta_data": [{"key": REFERENCE, "value": reference}],
        }
        made = await self._client.post(f"/orders/{order.id}/refunds", WooRefund, body)
        return _shown(made, order.currency)

    async def find(self, request: PaymentRequest) -> ShownPayment | None:
        return await self._find(request.order_external_id, request.reference, request.amount.currency)

    async def _find(self, order: str, reference: str, currency: str) -> ShownPayment | None:
        ours = (refund for refund in await self.of(order) if refund.meta(REFERENCE) == reference)
        return next((_shown(refund, currency) for refund in ours), None)


def _shown(refund: WooRefund, currency: str) -> ShownPayment:
    """The record comes before the gateway's answer: one without its mark of payment has moved no money yet."""
    return ShownPayment(
        external_id=str(refund.id),
        amount=money(refund.amount or 0, currency),
        state="done" if refund.refunded_payment else "pending",
    )
