"""The database as the payment port sees it: what is to be captured, given up and given back, and what then shows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.contract import PaymentRequest, ShownPayment
from db import line_cancels, payment_steps
from db.desks.base import Desk
from db.effects import confirm, not_done, reject
from db.facts import Fact, record
from db.order_reading import CONNECTIONS, LINES, ORDERS, SHIPMENTS
from db.rows import change as change_row
from db.rows import one
from db.shipped_units import units_of, up_to
from db.tenders import append, moved, movement
from domain.progress import Progress
from domain.refs import Part
from domain.shares import in_presentment, value_of_units


class PaymentDesk(Desk):
    """Steps are decided under the order's lock: two that are asked for at once never take the same money."""

    # ---- captures ----

    async def steps_of(self, part: Part) -> tuple[Part, ...]:
        """What is to be captured for a shipment, and from whom; decided once."""

        def work(tx: Connection) -> tuple[Part, ...]:
            shipment = one(tx, SHIPMENTS, part.id)
            if not shipment.capture:
                order = one(tx, ORDERS, part.order.order_id)
                for each in up_to(tx, shipment):  # two parcels may be decided at once, each takes its own share
                    payment_steps.plan_capture(tx, order, each, _due(tx, order, one(tx, SHIPMENTS, each)))
            steps = payment_steps.of_shipment(tx, part.id)
            return tuple(_part(part, step) for step in steps if not step.state)

        return await self.database.write(work)

    async def step_at_holder(self, part: Part) -> Part:
        """The same step, at the connection that holds the money."""
        return _part(part, await self.database.read(lambda tx: payment_steps.find(tx, part.id)))

    async def step_due(self, part: Part) -> PaymentRequest | None:
        """One capture or void; None when that is done."""

        def work(tx: Connection) -> PaymentRequest | None:
            step = payment_steps.find(tx, part.id)
            return None if step.state else payment_steps.request(tx, step)

        return await self.database.read(work)

    async def captured(self, part: Part, key: str, _request: Any, shown: ShownPayment | None) -> Progress:
        """Money was taken: on the tender ledger with the fact, in one transaction."""
        return await self.write(part.order, lambda tx, now: _moved(tx, part, key, "captured", shown, now))

    async def voided(self, part: Part, key: str, _request: Any, shown: ShownPayment | None) -> Progress:
        """The authorization was given up."""
        return await self.write(part.order, lambda tx, now: _moved(tx, part, key, "voided", shown, now))

    async def step_refused(self, part: Part, key: str, code: str) -> Progress:
        """The holder said no. After a capture the goods have left, so a person must find the money."""

        def work(tx: Connection, now: datetime) -> None:
            reject(tx, key, code, now)
            step = payment_steps.find(tx, part.id)
            payment_steps.settle(tx, part.id, "refused")
            fact = Fact(f"{step.kind}_refused", f"{key}:{now.isoformat()}", now, "tutti", {"code": code})
            record(tx, part.order.order_id, [fact], now)

        return await self.write(part.order, work)

    async def capture_told(self, part: Part) -> Progress:
        """The shipment's steps are through, or one of them is with a person."""

        def work(tx: Connection, _now: datetime) -> None:
            states = {step.state for step in payment_steps.of_shipment(tx, part.id)}
            if "" not in states and not one(tx, SHIPMENTS, part.id).capture:
                told = "refused" if "refused" in states else "captured" if "done" in states else "skipped"
                change_row(tx, SHIPMENTS, part.id, capture=told)

        return await self.write(part.order, work)

    # ---- refunds of canceled units ----

    async def refund_at_holder(self, part: Part) -> Part:
        """The same, at the channel that is told of units, or at the provider that holds their money."""
        holder = await self.database.read(lambda tx: line_cancels.holder_of(tx, part.id))
        return part.model_copy(update={"connection_id": holder})

    async def refund_due(self, part: Part) -> PaymentRequest | None:
        """Canceled units that the channel is to take out of the order, or money that goes back; None when that is done."""
        return await self.database.read(lambda tx: line_cancels.refund_of(tx, part.id))

    async def refunded(self, part: Part, key: str, request: Any, shown: ShownPayment | None) -> Progress:
        """The units are out, and what was given back is on the tender ledger, in one transaction."""

        def change(tx: Connection, now: datetime) -> None:
            line_cancels.mark(tx, part.id, "reported" if shown else "skipped")
            if shown is None:
                if request is not None and not request.amount.amount_minor:
                    line_cancels.tell_rest(tx, part.id, 0, now)  # nobody to tell of the units; the money is elsewhere
                return
            confirm(tx, key, shown.model_dump(mode="json"), now)
            if shown.amount.amount_minor:
                parent = request.parent_external_id if request else ""
                append(tx, [movement(part.order.order_id, shown.external_id or key, "channel", "refunded", shown.amount, now, "tutti", parent=parent)])  # fmt: skip
            line_cancels.tell_rest(tx, part.id, shown.amount.amount_minor, now)
            data = {"line_cancel": part.id, "refund": shown.external_id, **shown.amount.model_dump()}
            record(tx, part.order.order_id, [Fact("line_cancel_told", key, now, "tutti", data)], now)

        return await self.write(part.order, change)

    async def refund_refused(self, part: Part, key: str, code: str) -> Progress:
        """Units or money stay where they are; a person refunds them there or skips it."""

        def change(tx: Connection, now: datetime) -> None:
            reject(tx, key, code, now)
            line_cancels.mark(tx, part.id, "refused")
            record(tx, part.order.order_id, [Fact("refund_refused", key, now, "tutti", {"code": code})], now)

        return await self.write(part.order, change)


def _part(part: Part, step: Row[Any]) -> Part:
    return Part(order=part.order, id=step.id, connection_id=step.connection_id)


def _due(tx: Connection, order: Row[Any], shipment: Row[Any]) -> int:
    """What all parcels so far are worth, less what was captured or is about to be: the last one takes the last cent."""
    lines = {row.external_id: row for row in tx.execute(select(LINES).where(LINES.c.order_id == order.id))}
    once = (
        tx.execute(select(CONNECTIONS.c.captures).where(CONNECTIONS.c.id == order.connection_id)).scalar() == "hub_once"
    )
    worth = order.shipping_minor + sum(
        value_of_units(lines[external_id].share_minor, lines[external_id].ordered, units)
        for external_id, units in units_of(tx, shipment, so_far=True, all_parcels=once).items()
    )
    taken = moved(tx, order.id, order.presentment_currency)["captured"]
    taken += payment_steps.about_to_capture(tx, order.id)
    return in_presentment(worth, order.total_minor, order.presentment_total_minor) - taken


def _moved(tx: Connection, part: Part, key: str, kind: str, shown: ShownPayment | None, now: datetime) -> None:
    """Under the movement's own id, so that the holder's telling of it is the same row; each movement proves one step."""
    step = payment_steps.find(tx, part.id)
    if shown is None:
        payment_steps.settle(tx, step.id, step.state or "skipped")
        return
    if payment_steps.is_claimed(tx, step, shown.external_id):
        not_done(tx, key, "another_movement")
        fact = Fact(f"{step.kind}_to_repeat", f"{key}:repeat:{now.isoformat()}", now, "tutti", {"step": step.id})
        record(tx, part.order.order_id, [fact], now)
        return
    confirm(tx, key, shown.model_dump(mode="json"), now)
    payment_steps.settle(tx, step.id, "done", shown.external_id or key)
    append(tx, [movement(step.order_id, shown.external_id or key, step.tender, kind, shown.amount, now, "tutti", parent=step.parent_external_id)])  # fmt: skip
    data = {"step": step.id, "amount_minor": shown.amount.amount_minor, "currency": shown.amount.currency}
    record(tx, step.order_id, [Fact(kind, key, now, "tutti", data)], now)
