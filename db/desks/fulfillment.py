"""The database as sending and recalling fulfillment orders sees it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from db.corrections import recall_asked
from db.desks.base import Desk
from db.effects import confirm, never_made, proven, reject, send_key
from db.facts import Fact, lock, record
from db.fulfillment import end, patience
from db.items_by_sku import ALIASES
from db.order_reading import EFFECTS, FULFILLMENT_LINES, FULFILLMENT_ORDERS, LINES, ORDERS
from db.persons import Person, person_of
from db.reports import time_left
from db.restock import LOCATIONS
from db.rows import change as change_row
from db.rows import one
from db.session import Database
from db.vault import ErasedError, Vault
from domain.channel_order import Buyer
from domain.fulfillment import NEVER_ARRIVED, FulfillmentRequest, RecallAnswer, RequestedLine, SentFulfillmentOrder
from domain.order_state import ENDED, TO_SEND
from domain.progress import Progress
from domain.refs import Part

_RUN = select(ORDERS.c.run_no).where(ORDERS.c.id == bindparam("order_id"))
_BEGIN = update(FULFILLMENT_ORDERS).where(
    FULFILLMENT_ORDERS.c.id == bindparam("this"),
    FULFILLMENT_ORDERS.c.state.in_(TO_SEND),
    FULFILLMENT_ORDERS.c.recall == "",
)
_ORDER = select(ORDERS.c.number, ORDERS.c.placed_at, ORDERS.c.currency, ORDERS.c.service).where(
    ORDERS.c.id == bindparam("order_id")
)
_PLACE = select(LOCATIONS.c.external_id).where(LOCATIONS.c.id == bindparam("location_id"))
_REQUESTED = (
    select(FULFILLMENT_LINES, LINES.c.title, LINES.c.unit_price_minor)
    .join(LINES, (LINES.c.order_id == FULFILLMENT_LINES.c.order_id) & (LINES.c.line_id == FULFILLMENT_LINES.c.line_id))
    .where(FULFILLMENT_LINES.c.fulfillment_order_id == bindparam("f_id"))
    .order_by(FULFILLMENT_LINES.c.line_id, FULFILLMENT_LINES.c.item_id)
)
_SKUS = (
    select(ALIASES.c.item_id, ALIASES.c.sku)
    .where(
        ALIASES.c.item_id.in_(bindparam("items", expanding=True)),
        ALIASES.c.connection_id.in_(["", bindparam("connection_id")]),
    )
    .order_by(ALIASES.c.connection_id, ALIASES.c.sku)
)


class FulfillmentDesk(Desk):
    """Requests to locations, and what became of them."""

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self.vault = vault

    async def request(self, part: Part) -> FulfillmentRequest | None:
        """What the location is to be asked, the person included; None when it is not wanted any more.

        Commits that sending has begun: from here on the location may know of it, so that undoing means recalling.
        """

        def work(tx: Connection) -> FulfillmentRequest | None:
            lock(tx, part.order.order_id)
            if tx.execute(_RUN, {"order_id": part.order.order_id}).scalar() != part.order.run_no:
                return None  # another run took over, and sends it itself
            begun = tx.execute(_BEGIN, {"this": part.id, "state": "sending"})
            return _request(tx, self.vault, part.id) if begun.rowcount else None

        return await self.database.write(work)

    async def sent(self, part: Part, key: str, shown: SentFulfillmentOrder) -> Progress:
        """The location shows it: proven."""

        def change(tx: Connection, now: datetime) -> None:
            f = one(tx, FULFILLMENT_ORDERS, part.id)
            confirm(tx, key, shown.model_dump(mode="json"), now)
            due_at = now + patience(tx, f.location_id, "accept_within_hours")
            values: dict[str, Any] = {"external_id": shown.external_id, "sent_at": now}
            if f.state in TO_SEND:
                values |= {"state": "sent", "due_at": due_at}
            change_row(tx, FULFILLMENT_ORDERS, f.id, **values)
            record(tx, f.order_id, [_fact("sent", f, now)], now)

        return await self.write(part.order, change)

    async def refused(self, part: Part, key: str, code: str) -> Progress:
        """The location's platform will not take it: another location must."""

        def change(tx: Connection, now: datetime) -> None:
            f = one(tx, FULFILLMENT_ORDERS, part.id)
            reject(tx, key, code, now)
            if f.state not in ENDED:
                end(tx, f, "rejected", code, now)
                record(tx, f.order_id, [_fact("rejected", f, now, reason=code)], now)

        return await self.write(part.order, change)

    async def to_recall(self, part: Part) -> tuple[SentFulfillmentOrder, datetime | None, int] | None:
        """What to ask back, when it was called out, and how often it was asked; None when it is over already."""

        def work(tx: Connection) -> tuple[SentFulfillmentOrder, datetime | None, int] | None:
            f = one(tx, FULFILLMENT_ORDERS, part.id)
            if f.state in ENDED or f.recall != "wanted":
                return None
            called_at = tx.execute(select(EFFECTS.c.called_at).where(EFFECTS.c.key == send_key(f.id))).scalar()
            return (
                SentFulfillmentOrder(external_id=f.external_id, reference=f.id, state="open"),
                called_at,
                f.recall_asks,
            )

        return await self.database.read(work)

    async def recalled(self, part: Part, key: str, answer: RecallAnswer) -> Progress:
        """What the location answered; "asked" means that its report follows."""

        def change(tx: Connection, now: datetime) -> None:
            f = one(tx, FULFILLMENT_ORDERS, part.id)
            confirm(tx, key, answer.model_dump(mode="json"), now)
            if f.state in ENDED:
                return
            recall_asked(tx, f.id, now)
            if answer.answer == "asked":
                record(tx, f.order_id, [_fact("recall_asked", f, now)], now)
                return
            state: dict[str, Any] = {"recall": "confirmed", "due_at": None}
            if answer.answer == "refused":
                state = {"recall": "refused", "due_at": time_left(tx, f, now)}
            change_row(tx, FULFILLMENT_ORDERS, f.id, **state)
            if answer.answer == "confirmed":
                settle_send = never_made if answer.reason == NEVER_ARRIVED else proven
                settle_send(tx, send_key(f.id), "recalled", now)
                end(tx, f, "canceled", f.reason or "recalled", now)
            record(tx, f.order_id, [_fact(f"recall_{state['recall']}", f, now, reason=answer.reason)], now)

        return await self.write(part.order, change)


def _fact(kind: str, f: Row[Any], now: datetime, reason: str = "") -> Fact:
    data = {"fulfillment_order": f.id, "location": f.location_id, "reason": reason}
    return Fact(kind, f"{kind}:{f.id}:{f.recall_asks}", now, "tutti", data)


def _request(tx: Connection, vault: Vault, f_id: str) -> FulfillmentRequest:
    f = one(tx, FULFILLMENT_ORDERS, f_id)
    order = tx.execute(_ORDER, {"order_id": f.order_id}).one()
    person = _person(tx, vault, f.order_id, is_pickup=f.is_pickup)
    return FulfillmentRequest(
        reference=f.id,
        order_number=order.number,
        placed_at=order.placed_at,
        location_external_id=tx.execute(_PLACE, {"location_id": f.location_id}).scalar_one(),
        lines=_requested(tx, f),
        currency=order.currency,
        ship_to=person.ship_to,
        buyer=person.buyer,
        service=order.service,
        is_pickup=f.is_pickup,
    )


def _person(tx: Connection, vault: Vault, order_id: str, *, is_pickup: bool) -> Person:
    """A shop can hand over what is paid for without the name of somebody who was erased; a parcel needs an address."""
    try:
        return person_of(tx, vault, order_id)
    except ErasedError:
        if not is_pickup:
            raise
        return Person(Buyer(), None, None)


def _requested(tx: Connection, f: Row[Any]) -> tuple[RequestedLine, ...]:
    rows = tx.execute(_REQUESTED, {"f_id": f.id}).all()
    names = _skus(tx, f.connection_id, {row.item_id for row in rows})
    return tuple(
        RequestedLine(
            line_id=row.line_id,
            sku=names.get(row.item_id, row.item_id),
            title=row.title,
            quantity=row.quantity,
            unit_value_minor=row.unit_price_minor,
        )
        for row in rows
    )


def _skus(tx: Connection, connection_id: str, items: set[str]) -> dict[str, str]:
    """What the location knows the items by: its own alias, else the common one."""
    rows = tx.execute(_SKUS, {"items": list(items), "connection_id": connection_id})
    return {row.item_id: row.sku for row in rows}
