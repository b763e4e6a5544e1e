"""What channels, payment providers and carriers say that concerns returns: recorded as it is, then looked at."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from db.effects import proven
from db.facts import Fact, lock, record
from db.order_reading import LINES, ORDERS, SHIPMENTS
from db.returns import commands, duties, refunds
from db.returns.opening import Wish, open_return
from db.returns.rows import DUTIES, PARCELS, RETURNS, change, lines_of, of_order, row_of, tell, wake
from db.tenders import TENDERS, append, entry, movement
from domain.errors import DomainError
from domain.intake import order_id as id_of
from domain.money import Money
from domain.news import ParcelNews, PaymentNews, ReturnNews
from domain.parcel import ParcelScan
from domain.returns.eligibility import Reason, WantedLine

Said = tuple[str, str | None]
_REASONS: dict[str, Reason] = {
    "size_too_large": "too_big", "size_too_small": "too_small", "unwanted": "changed_mind", "defective": "defective",
    "wrong_item": "wrong_item", "not_as_described": "not_as_described", "style": "changed_mind", "color": "changed_mind",
}  # fmt: skip
MOVED = {"accepted", "in_transit", "out_for_delivery", "delivered"}


def wake_of_order(tx: Connection, order_id: str, now: datetime) -> None:
    """Something happened to the order that its open returns must look at."""
    wake(tx, [row.id for row in of_order(tx, order_id, open_only=True)], now)


def refund_shown(tx: Connection, order_id: str, reference: str, external_id: str, amount: Money, now: datetime) -> None:
    """A refund that we asked for, told by the channel before our own call has ended: it is proven, and is not another."""
    refund = refunds.by_reference(tx, reference)
    if refund is None or refund.order_id != order_id:
        return
    refunds.made(tx, refund, external_id, amount, now)
    duty = f"{refund.return_id}:refund:{refund.id.rsplit('-', 1)[-1]}"
    if duties.settle(tx, duty, "done"):
        proven(tx, f"return:{duty}", "refund", now)
        tell(tx, row_of(tx, refund.return_id), "refund_done", f"done:{duty}", now=now, by="channel")


def take_return(tx: Connection, connection: Row[Any], news: ReturnNews, now: datetime) -> Said:
    """A return at the channel: opened here too, or its newer state followed."""
    known = tx.execute(
        select(RETURNS).where(RETURNS.c.connection_id == connection.id, RETURNS.c.external_id == news.external_id)
    ).first()
    order_id = known.order_id if known else id_of(connection.id, news.order_external_id)
    lock(tx, order_id)
    if known is None:
        known = _registering(tx, order_id, news)
    if known is None:
        return _open(tx, order_id, news, now)
    if news.status in {"declined", "canceled"} and not known.withdrawn and known.outcome is None:
        try:
            commands.withdraw(tx, known.id, by="channel", now=now)
        except DomainError as late:  # goods are here or money went: it goes on, and the fact is on record
            tell(tx, known, "canceled_at_channel", news.status, now=now, by="channel", data={"code": late.code})
    elif news.status == "open" and not known.decision:
        commands.approve(tx, known.id, by="channel", reason="approved at the channel", now=now)
    return f"return {news.status}", order_id


def _registering(tx: Connection, order_id: str, news: ReturnNews) -> Row[Any] | None:
    """A return that we are telling the channel of: its news may overtake the answer to our call."""
    for row in of_order(tx, order_id, open_only=True):
        mine = (DUTIES.c.return_id == row.id, DUTIES.c.kind == "register", DUTIES.c.state == "")
        if not row.external_id and tx.execute(select(DUTIES.c.id).where(*mine)).first() and _same_units(tx, row, news):
            change(tx, row.id, external_id=news.external_id)
            return row_of(tx, row.id)
    return None


def _same_units(tx: Connection, row: Row[Any], news: ReturnNews) -> bool:
    if news.lines is None:
        return True
    names = {
        line.external_id: line.line_id for line in tx.execute(select(LINES).where(LINES.c.order_id == row.order_id))
    }
    told = sorted((names.get(external_id, ""), units) for external_id, units, _ in news.lines)
    return told == sorted((line.line_id, line.authorized or line.announced) for line in lines_of(tx, row.id))


def _open(tx: Connection, order_id: str, news: ReturnNews, now: datetime) -> Said:
    if tx.execute(select(ORDERS.c.id).where(ORDERS.c.id == order_id)).first() is None:
        return "return of an unknown order", None
    if news.status not in {"requested", "open"} or not news.lines:
        return f"return {news.status}, unknown here", order_id
    names = {line.external_id: line.line_id for line in tx.execute(select(LINES).where(LINES.c.order_id == order_id))}
    wanted = tuple(
        WantedLine(line_id=names.get(line, ""), quantity=units, reason=_REASONS.get(reason.lower(), "other"))
        for line, units, reason in news.lines
    )
    staff = news.status == "open"
    wish = Wish(
        lines=wanted, method="drop_off", opened_by="channel", by="channel", external_id=news.external_id,
        override="approved at the channel" if staff else "",
    )  # fmt: skip
    return_id = open_return(tx, order_id, wish, now)
    if staff:
        duties.drop_open(tx, return_id, "register")  # the channel has it
    return f"return {news.status}", order_id


def take_payment(tx: Connection, connection: Row[Any], news: PaymentNews, now: datetime, source: str) -> Said:
    """Money moved at a payment provider: refunds that we asked for are proven, others and disputes are facts."""
    order_id = _order_of_payment(tx, connection, news)
    if order_id is None:
        return "payment of no order", None
    lock(tx, order_id)
    parent = news.payment_external_id
    tender = tx.execute(select(TENDERS.c.tender).where(TENDERS.c.order_id == order_id, TENDERS.c.external_id == parent).limit(1)).scalar() or connection.id  # fmt: skip
    match news.kind:
        case "authorized" | "captured" | "voided" | "failed":
            rows = [
                movement(order_id, news.external_id, tender, news.kind, news.amount, news.at, source, parent=parent)
            ]
        case "refunded":
            rows = [
                movement(order_id, news.external_id, tender, "refunded", news.amount, news.at, source, parent=parent)
            ]
            refund_shown(tx, order_id, news.reference, news.external_id, news.amount, now)
        case "dispute_opened" | "dispute_won" | "dispute_lost":
            kind = news.kind.replace("dispute_opened", "chargeback").replace("dispute_", "chargeback_")
            rows = [entry(order_id, f"{kind}:{news.external_id}", tender, kind, news.amount, news.at, source,
                          external_id=news.external_id, parent=parent)]  # fmt: skip
        case "refund_failed":
            rows = []
            _failed(tx, news, now)
        case _:
            rows = []
    if append(tx, rows) and news.kind in {"authorized", "captured"}:
        _after_the_end(tx, order_id, news, now, source)
    data = {"movement": news.external_id, "amount": news.amount.model_dump(), "reason": news.reason}
    key = f"payment:{news.kind}:{news.external_id}"
    record(tx, order_id, [Fact("return_payment_moved", key, news.at, source, data | {"kind": news.kind})], now)
    wake_of_order(tx, order_id, now)
    return f"payment {news.kind}", order_id


def _after_the_end(tx: Connection, order_id: str, news: PaymentNews, now: datetime, source: str) -> None:
    """Money for an order of which nothing more ships: it is given up or back as the rest was."""
    settled = (ORDERS.c.id == order_id, ORDERS.c.money_settled)
    if tx.execute(ORDERS.update().where(*settled).values(money_settled=False)).rowcount:
        key = f"payment_after_end:{news.kind}:{news.external_id}"
        record(tx, order_id, [Fact("payment_after_end", key, news.at, source, {"movement": news.external_id})], now)


def _order_of_payment(tx: Connection, connection: Row[Any], news: PaymentNews) -> str | None:
    if news.order_external_id:
        known = tx.execute(select(ORDERS.c.id).where(ORDERS.c.id == id_of(connection.id, news.order_external_id)))
        return known.scalar()
    refund = refunds.by_reference(tx, news.reference)
    if refund is not None:
        return str(refund.order_id)
    names = {news.payment_external_id, news.external_id} - {""}
    wanted = or_(TENDERS.c.external_id.in_(names), TENDERS.c.parent_external_id.in_(names))
    return tx.execute(select(TENDERS.c.order_id).where(wanted).limit(1)).scalar()


def _failed(tx: Connection, news: PaymentNews, now: datetime) -> None:
    """The provider could not pay out what it had taken on: the money is still here, and a person finds another way."""
    refund = refunds.by_reference(tx, news.reference)
    if refund is None:
        return
    refunds.failed(tx, refund)
    duty = f"{refund.return_id}:refund:{refund.id.rsplit('-', 1)[-1]}"
    tx.execute(DUTIES.update().where(DUTIES.c.id == duty).values(state="refused"))
    row = row_of(tx, refund.return_id)
    change(tx, row.id, outcome=None)
    tell(tx, row, "refund_failed", f"failed:{news.external_id}", now=now, by="channel", data={"code": news.reason})


def take_parcel(tx: Connection, news: ParcelNews, now: datetime) -> Said:
    """A scan of a parcel that comes back, or of one of ours that the buyer would not take."""
    parcel = tx.execute(select(PARCELS).where(PARCELS.c.tracking_number == news.tracking_number)).first()
    if parcel is not None:
        return _coming_back(tx, row_of(tx, parcel.return_id), news, now)
    sent = tx.execute(select(SHIPMENTS).where(SHIPMENTS.c.tracking_number == news.tracking_number)).first()
    if sent is None or not any(scan.status == "refused" for scan in news.scans):
        return "parcel seen", sent.order_id if sent else None
    units: dict[str, int] = {}
    for line_id, _item, quantity in sent.lines:
        units[line_id] = max(units.get(line_id, 0), quantity)
    lines = tuple(WantedLine(line_id=line, quantity=n, reason="refused_delivery") for line, n in units.items())
    open_return(tx, sent.order_id, Wish(lines=lines, method="refused_delivery", opened_by="carrier", by="carrier"), now)
    return "delivery refused", sent.order_id


def scan_key(scan: ParcelScan) -> str:
    """What makes one event of a parcel one fact, whether it was told or asked for."""
    return f"scan:{scan.status}:{scan.at.isoformat()}"


def _coming_back(tx: Connection, row: Row[Any], news: ParcelNews, now: datetime) -> Said:
    lock(tx, row.order_id)
    row = row_of(tx, row.id)
    for scan in news.scans:
        values: dict[str, Any] = {}
        if scan.status in MOVED and (row.first_scan_at is None or scan.at < row.first_scan_at):
            values["first_scan_at"] = scan.at
        if scan.status == "lost":
            values["lost_at"] = scan.at
        if values:
            change(tx, row.id, **values)
        named = (PARCELS.c.tracking_number == news.tracking_number, PARCELS.c.status.not_in(("delivered", "lost")))
        tx.execute(PARCELS.update().where(*named).values(status=scan.status))
        tell(
            tx,
            row,
            "scanned",
            scan_key(scan),
            now=now,
            by="carrier",
            at=scan.at,
            data={"status": scan.status},
        )
    return "return scanned", str(row.order_id)
