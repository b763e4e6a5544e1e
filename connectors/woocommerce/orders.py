"""Orders of a shop: swept by time of change, fetched, canceled."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from connectors.contract import CancelRequest, OrderPage, ShownCancel
from connectors.errors import UnreadableError
from connectors.woocommerce.client import AT_ONCE, WooClient
from connectors.woocommerce.mapping import CANCELED, UNFINISHED, order_of
from connectors.woocommerce.order_schemas import AnyOrder, WooOrder, WooRefund
from connectors.woocommerce.refunds import Refunds
from domain.channel_order import ChannelOrder

SECOND = timedelta(seconds=1)


class Orders:
    def __init__(self, client: WooClient, refunds: Refunds) -> None:
        self._client = client
        self._refunds = refunds

    async def since(self, since: datetime, cursor: str = "") -> OrderPage:
        """By time of change in whole seconds; the next page starts at the last second of this one.

        Page numbers alone would skip orders: one that changes meanwhile moves to the end, and all others up.
        Only where one second fills a whole page is the page's number counted on.
        """
        after, number = _position(since, cursor)
        found = await self._client.page(
            "/orders",
            AnyOrder,
            number,
            modified_after=after.strftime("%Y-%m-%dT%H:%M:%S"),
            dates_are_gmt="true",
            orderby="modified",
            order="asc",
        )
        orders: list[ChannelOrder] = []
        unreadable: list[str] = []
        for entry in found:
            try:
                orders += await self._read(entry)
            except UnreadableError:
                unreadable.append(str(entry.id))
        return OrderPage(
            orders=tuple(orders),
            unreadable=tuple(unreadable),
            cursor=_next(after, number, found),
            is_last=len(found) < AT_ONCE,
        )

    async def _read(self, entry: AnyOrder) -> list[ChannelOrder]:
        if entry.status in UNFINISHED:
            return []
        try:
            woo = WooOrder.model_validate(entry.model_dump())
        except ValidationError:  # its text repeats what was sent
            raise UnreadableError("WooCommerce sent an order that cannot be read", f"order {entry.id}") from None
        return [await self._whole(woo)]

    async def fetch(self, external_id: str) -> ChannelOrder:
        return await self._whole(await self._client.get(f"/orders/{external_id}", WooOrder))

    async def _whole(self, woo: WooOrder) -> ChannelOrder:
        refunds: Sequence[WooRefund] = await self._refunds.of(str(woo.id)) if woo.refunds else ()
        return order_of(woo, refunds)

    async def cancel(self, request: CancelRequest) -> ShownCancel:
        """The money first: an order that is canceled while its refund is refused would look settled.

        WooCommerce puts the units back on its own shelf; the hub publishes the right number afterwards.
        """
        path = f"/orders/{request.order_external_id}"
        order = await self._client.get(path, WooOrder)
        if request.refund and order.date_paid_gmt and order.status not in CANCELED:
            await self._refunds.rest(order)
        done = order if order.status in CANCELED else await self._client.put(path, WooOrder, {"status": "cancelled"})
        return ShownCancel(canceled_at=done.date_modified_gmt)

    async def find_cancel(self, request: CancelRequest) -> ShownCancel | None:
        order = await self._client.get(f"/orders/{request.order_external_id}", WooOrder)
        return ShownCancel(canceled_at=order.date_modified_gmt) if order.status in CANCELED else None


def _position(since: datetime, cursor: str) -> tuple[datetime, int]:
    """`modified_after` leaves its own second out, so one is taken off."""
    moment, _, number = cursor.partition("#")
    if not moment:
        return since.astimezone(UTC).replace(microsecond=0) - SECOND, 1
    return datetime.fromisoformat(moment), int(number)


def _next(after: datetime, number: int, found: Sequence[AnyOrder]) -> str:
    last = found[-1].date_modified_gmt - SECOND if found else after
    return (
        f"{last.isoformat()}#1"
        if last > after
        else f"{after.isoformat()}#{number + 1 if len(found) == AT_ONCE else number}"
    )
