"""Shows parcels on the order: picks Shopify's fulfillment orders, moves them to where the parcel left, ships them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.contract import ShipmentNotice, ShownShipment
from connectors.errors import ItemReason, OutcomeUnknownError, RejectedError
from connectors.shopify import documents
from connectors.shopify.answers import (
    MovedWork,
    OneOrder,
    OrderShipments,
    OrderWorks,
    PageInfo,
    Shipment,
    Shipped,
    SplitWork,
    Work,
)
from connectors.shopify.client import ShopifyClient, gid, order_in, refused


@dataclass
class Take:
    """Units to be taken from one fulfillment order; `lines` maps its own line ids to units."""

    work: Work
    lines: Counter[str] = field(default_factory=Counter)

    @property
    def is_whole(self) -> bool:
        return all(self.lines[line.id] == line.remaining for line in self.work.lines.nodes)

    def is_away_from(self, location: str) -> bool:
        return bool(location) and self.work.location != location

    @property
    def chosen(self) -> list[dict[str, object]]:
        return [{"id": line, "quantity": units} for line, units in self.lines.items()]


def units_of(notice: ShipmentNotice) -> Counter[str]:
    """Units per line; a line may be named more than once."""
    wanted: Counter[str] = Counter()
    for line, units in notice.lines:
        wanted[line] += units
    return wanted


def choose(works: Iterable[Work], notice: ShipmentNotice) -> list[Take]:
    """Which open units the parcel holds: first those that Shopify expects from its place, then any others.

    RejectedError names the lines that have fewer open units than the parcel.
    """
    wanted = units_of(notice)
    here_first = sorted(works, key=lambda work: work.location != notice.location_external_id)
    takes = [Take(work) for work in here_first if work.is_open]
    for take in takes:
        for line in take.work.lines.nodes:
            if units := min(wanted[line.line.number], line.remaining):
                take.lines[line.id] += units
                wanted[line.line.number] -= units
    if missing := +wanted:
        reasons = tuple(ItemReason(item=line, code="not_open_at_channel") for line in missing)
        text = f"{sum(missing.values())} units of {len(missing)} lines are not open to be fulfilled"
        raise RejectedError("Shopify does not wait for these units any more", text, reasons=reasons)
    return [take for take in takes if take.lines]


class Shipping:
    def __init__(self, client: ShopifyClient) -> None:
        self._client = client

    async def report(self, notice: ShipmentNotice) -> ShownShipment:
        """Add the parcel, unless it is shown already.

        `fulfillmentCreate` knows no idempotency key. So a part is split off first and only whole fulfillment orders
        are shipped: the same request arriving twice finds them closed.
        """
        if notice.shown_as:
            return await self._correct(notice)
        takes, shown = await self._look(notice)
        for _ in takes:
            away = next((take for take in takes if take.is_away_from(notice.location_external_id)), None)
            if away is None or shown:
                break
            moved = await self._move(away, notice.location_external_id)
            if moved is not None and len(takes) == 1:
                takes = choose([moved], notice)
            else:
                takes, shown = await self._look(notice)  # a move can join fulfillment orders: choose again
        if shown:
            return shown
        ready = [take.work.id if take.is_whole else await self._split(take) for take in takes]
        shipped = await self._client.tell(documents.SHIP, Shipped, fulfillment=_fulfillment(ready, notice))
        return await self._seen(shipped, notice, "show the shipment")

    async def _correct(self, notice: ShipmentNotice) -> ShownShipment:
        """Later tracking replaces what the parcel is shown with; the same twice changes nothing."""
        shipped = await self._client.tell(
            documents.TRACK, Shipped, id=gid("Fulfillment", notice.shown_as), tracking=_tracking(notice)
        )
        return await self._seen(shipped, notice, "correct the tracking")

    async def _seen(self, shipped: Shipped, notice: ShipmentNotice, what: str) -> ShownShipment:
        if shipped.errors or shipped.shipment is None:
            if shown := await self.find(notice):
                return shown
            raise refused(what, shipped.errors)
        if not _shows(shipped.shipment, notice):
            raise OutcomeUnknownError(
                "Shopify shows another shipment than was sent", f"status {shipped.shipment.status}"
            )
        return _shown(shipped.shipment)

    async def find(self, notice: ShipmentNotice) -> ShownShipment | None:
        """By tracking number; by its lines where it has none."""
        document = documents.SHIPMENTS if notice.tracking_number else documents.SHIPMENTS_WITH_LINES
        order = gid("Order", notice.order_external_id)
        return _found(order_in(await self._client.ask(document, OneOrder[OrderShipments], id=order)), notice)

    async def _look(self, notice: ShipmentNotice) -> tuple[list[Take], ShownShipment | None]:
        """What the parcel is to be taken from; or the parcel, if the order shows it already."""
        if not notice.tracking_number and (shown := await self.find(notice)):
            return [], shown
        order, page, works = gid("Order", notice.order_external_id), PageInfo(next=True), list[Work]()
        while page.next:
            answer = await self._client.ask(documents.OPEN_WORK, OneOrder[OrderWorks], id=order, after=page.cursor)
            at = order_in(answer)
            if notice.tracking_number and (shown := _found(at, notice)):
                return [], shown
            works += at.works.nodes
            page = at.works.page
        return choose(works, notice), None

    async def _move(self, take: Take, location: str) -> Work | None:
        """The fulfillment order that now holds the units, as the answer shows it."""
        lines = None if take.is_whole else take.chosen
        moved = await self._client.tell(
            documents.MOVE_WORK, MovedWork, id=take.work.id, location=gid("Location", location), lines=lines
        )
        if moved.errors:
            raise refused("move the fulfillment order to the place that the parcel left", moved.errors)
        return moved.moved

    async def _split(self, take: Take) -> str:
        """The id of a new fulfillment order that holds exactly these units."""
        wanted = [{"fulfillmentOrderId": take.work.id, "fulfillmentOrderLineItems": take.chosen}]
        split = await self._client.tell(documents.SPLIT_WORK, SplitWork, splits=wanted)
        if split.errors or not split.splits:
            raise refused("split the fulfillment order", split.errors)
        return split.splits[0].work.id


def _found(order: OrderShipments, notice: ShipmentNotice) -> ShownShipment | None:
    same = (shipment for shipment in order.shipments if _shows(shipment, notice))
    return next((_shown(at) for at in same if notice.tracking_number or _holds(at, notice)), None)


def _fulfillment(works: list[str], notice: ShipmentNotice) -> dict[str, object]:
    given: dict[str, object] = {
        "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": work} for work in works],
        "notifyCustomer": True,
    }
    if notice.tracking_number:
        given["trackingInfo"] = _tracking(notice)
    return given


def _tracking(notice: ShipmentNotice) -> dict[str, object]:
    tracking = {"number": notice.tracking_number, "company": notice.carrier, "url": notice.tracking_url}
    return {key: text for key, text in tracking.items() if text}


def _shows(shipment: Shipment, notice: ShipmentNotice) -> bool:
    """Success is the expected state, not the absence of errors: an old, canceled shipment does not count."""
    numbers = {tracking.number for tracking in shipment.tracking}
    expected = notice.tracking_number in numbers if notice.tracking_number else not any(numbers)
    return shipment.status == "SUCCESS" and expected


def _holds(shipment: Shipment, notice: ShipmentNotice) -> bool:
    held = Counter({part.line.number: part.quantity or 0 for part in shipment.lines.nodes})
    return held == units_of(notice)


def _shown(shipment: Shipment) -> ShownShipment:
    first = next(iter(shipment.tracking), None)
    return ShownShipment(
        external_id=shipment.number,
        tracking_number=first.number if first else "",
        carrier=first.company if first else "",
        status=shipment.status.lower(),
    )
