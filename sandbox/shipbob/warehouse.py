"""The people of the simulated warehouse: they pick, pack, ship, refuse, and sometimes do not listen."""

import asyncio
from collections.abc import Callable
from random import Random

from sandbox.shipbob.behavior import Behavior
from sandbox.shipbob.notices import Notices
from sandbox.shipbob.orders import imputed_status
from sandbox.shipbob.store import Json, Store, now, units_of

DETAIL_IDS = {
    "Picked": 100, "Packed": 101, "Labeled": 102, "Processing": 200, "InTransit": 201, "Delivered": 203,
    "InactiveSku": 302, "OutOfStock": 303, "UnknownSku": 304, "PaymentDeclined": 400, "InvalidAddress": 401,
}  # fmt: skip


class Warehouse:
    """Works on the store's orders by timers; a command of the control API does one step at once."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._timers: set[asyncio.TimerHandle] = set()
        self.idle = asyncio.Event()
        self.open_with(Store())

    def open_with(self, store: Store) -> None:
        """Drop all work under way and go on with this account."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self.idle.set()
        self._random = Random(store.settings.seed)
        self.store = store

    def receive(self, order: Json) -> None:
        """Start working on a new order as its behavior says."""
        behavior = self.store.behaviors[order["id"]]
        steps: dict[str, Callable[[Json], None]] = {
            "ship": self._pick_then_ship,
            "reject": self.reject,
            "hold": self.hold,
            "cancel": self.call_off,
        }
        if behavior.outcome in steps:
            self._later(behavior.pick_after, steps[behavior.outcome], order)

    def _pick_then_ship(self, order: Json) -> None:
        self.pick(order)
        self._ship_later(order)

    def _ship_later(self, order: Json) -> None:
        behavior = self._behavior(order)
        if behavior.ship_after is None:
            return
        for number, shipment in enumerate(order["shipments"]):
            self._later(behavior.ship_after + number * behavior.parcel_gap, self.ship_parcel, shipment)

    def pick(self, order: Json) -> None:
        for shipment in self._open(order):
            self._set(shipment, "Processing", "Picked")

    def pack(self, order: Json) -> None:
        """From here on a cancel is refused."""
        for shipment in self._open(order):
            self._set(shipment, "Processing", "Packed")

    def ship(self, order: Json) -> None:
        for shipment in order["shipments"]:
            self.ship_parcel(shipment)

    def ship_parcel(self, shipment: Json) -> None:
        """Label and hand over one parcel; canceled ones only where the warehouse does not listen."""
        behavior = self.store.behaviors[shipment["order_id"]]
        is_canceled = shipment["status"] == "Cancelled"
        if shipment["status"] == "Completed" or (is_canceled and behavior.on_cancel != "ship_anyway"):
            return
        number = f"SBX{shipment['id']:010}"
        shipment["tracking"] = {
            "carrier": "USPS",
            "carrier_service": "GroundAdvantage",
            "tracking_number": number,
            "tracking_url": f"https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
            "shipping_date": now(),
        }
        shipment["actual_fulfillment_date"] = now()
        self._set(shipment, "Completed", "Processing")
        self.store.move_stock(shipment, on_hand=-1, committed=0 if is_canceled else -1)
        self.store.committed["shipments"][shipment["reference_id"]] += 1
        self.store.committed["shipped_units"][shipment["reference_id"]] += sum(n for _, n in units_of(shipment))
        self._notices.tell(self.store, "order.shipped", shipment)
        self._later(behavior.deliver_after, self.deliver_parcel, shipment)

    def deliver(self, order: Json) -> None:
        for shipment in order["shipments"]:
            self.deliver_parcel(shipment)

    def deliver_parcel(self, shipment: Json) -> None:
        if shipment["status"] == "Completed":
            shipment["delivery_date"] = now()
            self._set(shipment, "Completed", "Delivered")
            self._notices.tell(self.store, "order.shipment.delivered", shipment)

    def reject(self, order: Json) -> None:
        """Put it in exception: nothing is shipped while the cause lasts."""
        self._stop(order, "Exception", self._behavior(order).reason or "OutOfStock", "order.shipment.exception")

    def hold(self, order: Json) -> None:
        self._stop(order, "OnHold", self._behavior(order).reason or "InvalidAddress", "order.shipment.on_hold")

    def call_off(self, order: Json) -> None:
        """The warehouse cancels on its own."""
        for shipment in self._open(order):
            self._cancel_parcel(shipment)

    def release(self, order: Json) -> None:
        """End an exception or hold and go on working."""
        for shipment in order["shipments"]:
            if shipment["status"] in {"Exception", "OnHold"}:
                self._set(shipment, "Processing", "Picked")
        self._ship_later(order)

    def try_to_cancel(self, shipment: Json) -> str:
        """Cancel one parcel on the merchant's wish; why not, or an empty text if it is done."""
        behavior = self.store.behaviors[shipment["order_id"]]
        if shipment["status"] in {"Completed", "Cancelled"}:
            return f"The shipment is {shipment['status'].lower()}."
        is_packed = any(detail["name"] in {"Packed", "Labeled"} for detail in shipment["status_details"])
        if is_packed or behavior.on_cancel == "refuse" or self._random.random() < behavior.refuse_cancel_probability:
            return "The shipment is already being packed."
        self._cancel_parcel(shipment)
        if behavior.on_cancel == "ship_anyway":
            self._later(behavior.ship_after, self.ship_parcel, shipment)
        return ""

    def _cancel_parcel(self, shipment: Json) -> None:
        self._set(shipment, "Cancelled", "")
        self.store.move_stock(shipment, on_hand=0, committed=-1)
        self._notices.tell(self.store, "order.shipment.cancelled", shipment)

    def _stop(self, order: Json, status: str, reason: str, topic: str) -> None:
        for shipment in self._open(order):
            self._set(shipment, status, reason)
            self._notices.tell(self.store, topic, shipment)

    def _set(self, shipment: Json, status: str, detail: str) -> None:
        details = [{"id": DETAIL_IDS.get(detail, 999), "name": detail, "description": detail}] if detail else []
        shipment.update(status=status, status_details=details, last_update_at=now())
        order = self.store.orders[shipment["order_id"]]
        order["status"] = imputed_status(order)

    def _behavior(self, order: Json) -> Behavior:
        return self.store.behaviors[order["id"]]

    @staticmethod
    def _open(order: Json) -> list[Json]:
        return [shipment for shipment in order["shipments"] if shipment["status"] not in {"Completed", "Cancelled"}]

    def _later(self, seconds: float | None, step: Callable[[Json], None], subject: Json) -> None:
        if seconds is None:
            return

        def run() -> None:
            self._timers.discard(timer)
            step(subject)
            if not self._timers:
                self.idle.set()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)
        self.idle.clear()
