"""Parcels shown to the buyer: a note that is mailed to them, and a record in the order's metadata."""

import html
import json
from collections.abc import Iterable, Mapping, Sequence

from pydantic import TypeAdapter

from connectors.contract import ShipmentNotice, ShownShipment
from connectors.woocommerce.client import WooClient
from connectors.woocommerce.mapping import CANCELED
from connectors.woocommerce.order_schemas import WooNote, WooOrder
from connectors.woocommerce.refunds import Refunds

SHIPMENT = "_tutti_shipment_"
DONE = CANCELED | {"completed", "refunded"}
NOTES = TypeAdapter(tuple[WooNote, ...])


class Shipping:
    """WooCommerce itself knows no parcels. The record comes last, and is what a look-up goes by."""

    def __init__(self, client: WooClient, refunds: Refunds, note: str, *, completes: bool) -> None:
        self._client = client
        self._refunds = refunds
        self._note = note
        self._completes = completes

    async def report(self, notice: ShipmentNotice) -> ShownShipment:
        """The note is written once: it is looked for first, since it goes out by mail."""
        path = f"/orders/{notice.order_external_id}"
        await self._tell(path, notice)
        order = await self._client.get(path, WooOrder)
        body: dict[str, object] = {"meta_data": [{"key": SHIPMENT + notice.reference, "value": _record(notice)}]}
        if await self._is_all(order, notice):
            body["status"] = "completed"
        done = await self._client.put(path, WooOrder, body)
        if "status" not in body and await self._is_all(done, notice):  # another parcel was reported at the same time
            await self._client.put(path, WooOrder, {"status": "completed"})
        return _shown(notice)

    async def find(self, notice: ShipmentNotice) -> ShownShipment | None:
        order = await self._client.get(f"/orders/{notice.order_external_id}", WooOrder)
        is_there = any(entry.key == SHIPMENT + notice.reference for entry in order.meta_data)
        return _shown(notice) if is_there else None

    async def _tell(self, path: str, notice: ShipmentNotice) -> None:
        if not self._note or not notice.tracking_number:
            return
        notes = await self._client.get(f"{path}/notes", NOTES, type="customer")
        if not any(notice.tracking_number in html.unescape(note.note) for note in notes):
            text = self._note.format(
                carrier=notice.carrier, tracking_number=notice.tracking_number, tracking_url=notice.tracking_url
            )
            await self._client.post(f"{path}/notes", WooNote, {"note": text.strip(), "customer_note": True})

    async def _is_all(self, order: WooOrder, notice: ShipmentNotice) -> bool:
        """Whether every unit that is still wanted is in a parcel that was reported, this one included."""
        if not self._completes or order.status in DONE:
            return False
        records = {entry.key: entry.value for entry in order.meta_data if entry.key.startswith(SHIPMENT)}
        records[SHIPMENT + notice.reference] = _record(notice)
        sent = _units(records)
        refunds = await self._refunds.of(str(order.id)) if order.refunds else ()
        taken_back = _sum((line.refunded_line, abs(line.quantity)) for refund in refunds for line in refund.line_items)
        return all(
            sent.get(str(line.id), 0) >= line.quantity - taken_back.get(str(line.id), 0) for line in order.line_items
        )


def _record(notice: ShipmentNotice) -> str:
    told = {"carrier": notice.carrier, "tracking_number": notice.tracking_number, "tracking_url": notice.tracking_url}
    return json.dumps({**told, "lines": notice.lines})


def _units(records: Mapping[str, object]) -> dict[str, int]:
    return _sum((line, units) for record in records.values() for line, units in _lines(record))


def _lines(record: object) -> Sequence[tuple[str, int]]:
    try:
        lines = json.loads(str(record))["lines"]
        return [(str(line), int(units)) for line, units in lines]
    except (ValueError, KeyError, TypeError):  # somebody has written into it
        return ()


def _sum(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for line, units in pairs:
        total[line] = total.get(line, 0) + units
    return total


def _shown(notice: ShipmentNotice) -> ShownShipment:
    return ShownShipment(
        external_id=SHIPMENT + notice.reference, tracking_number=notice.tracking_number, carrier=notice.carrier
    )
