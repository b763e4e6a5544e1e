"""The task list of a shop's staff: what is asked of them, and the steps they take."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from db.facts import is_known
from db.items import ITEMS
from db.order_reading import FULFILLMENT_LINES, FULFILLMENT_ORDERS, ORDERS
from db.reports import record_report
from db.session import Database
from domain.errors import DomainError
from domain.fulfillment import FulfillmentReport, ReportedShipment, ReportKind
from domain.order_state import DEAD, ENDED
from domain.store_task import Step, allowed_steps

BEGUN = frozenset({"picked", "ready"})
SOURCE = "store"


def _now() -> datetime:
    return datetime.now(UTC)


class Tasks:
    """The port `connectors.contract.TaskList`: a fulfillment order's row is the task."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._clock = clock

    async def publish(self, reference: str) -> None:
        now = self._clock()
        visible = (
            update(FULFILLMENT_ORDERS)
            .where(FULFILLMENT_ORDERS.c.id == reference, FULFILLMENT_ORDERS.c.sent_at.is_(None))
            .values(sent_at=now)
        )
        await self._database.write(lambda tx: tx.execute(visible))

    async def state(self, reference: str) -> Literal["hidden", "open", "canceled", "shipped"]:
        row = await self._database.read(lambda tx: find(tx, reference))
        if row is None or row.sent_at is None:
            return "hidden"
        if row.state == "shipped":
            return "shipped"
        return "canceled" if row.state in DEAD else "open"

    async def withdraw(self, reference: str) -> Literal["confirmed", "asked"]:
        """What nobody has begun to pick is gone in the same transaction: no one can pick it any more."""
        now = self._clock()
        return await self._database.write(lambda tx: _withdraw(tx, reference, now))


def _withdraw(tx: Connection, reference: str, now: datetime) -> Literal["confirmed", "asked"]:
    row = load(tx, reference)
    if row.state in DEAD:
        return "confirmed"
    if row.state in BEGUN or row.state == "shipped":
        return "asked"
    tx.execute(update(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id == row.id).values(recall="asked"))
    _report(tx, row, "canceled", "withdrawn", now, reason="withdrawn")
    return "confirmed"


def find(tx: Connection, reference: str) -> Row[Any] | None:
    return tx.execute(select(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id == reference)).first()


def existing(tx: Connection, reference: str) -> Row[Any]:
    row = find(tx, reference)
    if row is None:
        raise DomainError(
            "unknown_fulfillment_order", f"there is no fulfillment order {reference!r}; see the task list"
        )
    return row


def load(tx: Connection, reference: str) -> Row[Any]:
    """Its row, kept from other writers until the transaction ends."""
    tx.execute(select(FULFILLMENT_ORDERS.c.id).where(FULFILLMENT_ORDERS.c.id == reference).with_for_update())
    return existing(tx, reference)


def open_tasks(tx: Connection, location_id: str) -> list[Row[Any]]:
    """Everything that the staff of a location have to do, the most urgent first."""
    f = FULFILLMENT_ORDERS.c
    return list(
        tx.execute(
            select(FULFILLMENT_ORDERS, ORDERS.c.number.label("order_number"), ORDERS.c.service)
            .join(ORDERS, ORDERS.c.id == f.order_id)
            .where(f.location_id == location_id, f.state.not_in(ENDED), f.sent_at.is_not(None))
            .order_by(f.due_at, f.created_at, f.id)
        )
    )


def order_of(tx: Connection, reference: str) -> Row[Any]:
    """Number and service of the order that a task belongs to."""
    return tx.execute(
        select(ORDERS.c.number, ORDERS.c.service)
        .join(FULFILLMENT_ORDERS, FULFILLMENT_ORDERS.c.order_id == ORDERS.c.id)
        .where(FULFILLMENT_ORDERS.c.id == reference)
    ).one()


def lines_of(tx: Connection, references: list[str]) -> list[Row[Any]]:
    """The lines of some tasks, with their items' titles."""
    lines = FULFILLMENT_LINES.c
    return list(
        tx.execute(
            select(FULFILLMENT_LINES, ITEMS.c.title, ITEMS.c.weight_g, ITEMS.c.is_hazmat)
            .join(ITEMS, ITEMS.c.id == lines.item_id)
            .where(lines.fulfillment_order_id.in_(references))
            .order_by(lines.fulfillment_order_id, lines.line_id, lines.item_id)
        )
    )


def take_step(
    tx: Connection,
    reference: str,
    step: Step,
    kind: ReportKind,
    *,
    now: datetime,
    reason: str = "",
    parcel: ReportedShipment | None = None,
) -> Row[Any]:
    """Record what the staff did; the same step again changes nothing, one that is not its turn is refused.

    Returns the fulfillment order afterwards.
    """
    row = load(tx, reference)
    key = _key(row, step, kind, parcel)
    if is_known(tx, row.order_id, f"{row.id}:{key}"):
        return row
    allowed = allowed_steps(row.state, row.recall, is_pickup=row.is_pickup)
    if step not in allowed:
        turn = f"; now: {', '.join(allowed)}" if allowed else ""
        raise DomainError("step_out_of_order", f"{row.id} is {row.state}, {step} is not its turn{turn}")
    _report(tx, row, kind, key, now, reason=reason, parcel=parcel)
    return load(tx, reference)


def _key(row: Row[Any], step: Step, kind: ReportKind, parcel: ReportedShipment | None) -> str:
    """A step is taken once, but there may be several parcels, and one may be asked for the goods several times."""
    if parcel is not None:
        return f"{step}:{parcel.external_id}"
    return f"{step}:{kind}:{row.recall_asks}" if step == "answer_recall" else step


def _report(
    tx: Connection, row: Row[Any], kind: ReportKind, key: str, now: datetime, *,
    reason: str = "", parcel: ReportedShipment | None = None,
) -> None:  # fmt: skip
    report = FulfillmentReport(key=key, kind=kind, reference=row.id, at=now, reason=reason, shipment=parcel)
    record_report(tx, report, connection_id=row.connection_id, source=SOURCE, now=now)
