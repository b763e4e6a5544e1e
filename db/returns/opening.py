"""Opening a return: what of an order may come back, and the authorization of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select

from db.facts import lock
from db.order_reading import CONNECTIONS, LINES, ORDERS, SHIPMENTS
from db.returns import goods, policies
from db.returns.reading import components
from db.returns.rows import RETURN_LINES, RETURNS, change, lines_of, row_of, tell
from db.returns.standing import begin, reopen
from db.rows import append, find, one
from db.rows import row as one_by_id
from domain.errors import DomainError
from domain.returns.effective import Effective
from domain.returns.eligibility import ReturnableLine, Verdict, WantedLine, judge
from domain.returns.policy import ReturnPolicy
from domain.returns.state import Method, Resolution
from domain.returns.worth import worth_of
from domain.shares import units_of_line


class Wish(NamedTuple):
    """What somebody wants to send back, and how. `override` is a person's reason to allow it all the same."""

    lines: tuple[WantedLine, ...]
    method: Method
    opened_by: str
    by: str
    resolution: Resolution = "refund"
    location_id: str | None = None
    external_id: str = ""
    override: str = ""
    exchange: tuple[tuple[str, int, int], ...] = ()
    """(SKU, units, unit price) of the new order."""


_LINES = insert(RETURN_LINES)


def returnable(tx: Connection, order_id: str, policy: ReturnPolicy) -> tuple[ReturnableLine, ...]:
    """Every line as its facts show it."""
    order = one_by_id(tx, ORDERS, order_id)
    if order is None:
        raise DomainError(
            "unknown_order", f"there is no order {order_id}; look it up by number, e-mail or receipt code"
        )
    parcels = find(tx, SHIPMENTS, order_id=order_id)
    per_unit, terms = components(tx, order_id), policies.terms_of_lines(tx, order_id, policy)
    return tuple(
        _line(tx, order, line, parcels, per_unit.get(line.line_id, {}), terms[line.line_id])
        for line in find(tx, LINES, "line_id", order_id=order_id)
    )


def _line(
    tx: Connection, order: Row[Any], line: Row[Any], parcels: list[Row[Any]], per_unit: dict[str, int], terms: Effective
) -> ReturnableLine:
    """Also what the channel shipped by itself, of which only the order's date is known."""
    ours = units_of_line(line.line_id, per_unit, [parcel.lines for parcel in parcels])
    days = [p.delivered_at or p.shipped_at for p in parcels if any(part[0] == line.line_id for part in p.lines)]
    scope = goods.line_scope(order.id, line.line_id)
    shipped = min(line.ordered, ours + line.shipped_externally)
    return ReturnableLine(
        line_id=line.line_id,
        sku=line.sku,
        shipped=shipped,
        authorized=goods.count(tx, "authorized", scope=scope) - goods.count(tx, "released", scope=scope),
        delivered_at=max(days, default=order.placed_at if shipped else None),
        effective=terms,
    )


def verdicts(tx: Connection, order_id: str, wanted: Sequence[WantedLine], now: datetime) -> tuple[Verdict, ...]:
    """What may come back by the policy in force."""
    policy = policies.active(tx)
    return judge(returnable(tx, order_id, policy), wanted, now, policy.timezone)


def open_return(tx: Connection, order_id: str, wish: Wish, now: datetime) -> str:
    """Record the wish; approved at once where the policy is automatic. Returns the RMA.

    `not_returnable` names every reason; the channel's own returns and overrides are recorded all the same.
    """
    lock(tx, order_id)
    if wish.external_id and (known := _known(tx, order_id, wish.external_id)):
        return known
    if wish.opened_by == "carrier" and (known := _already_coming(tx, order_id)):
        return known
    policy = policies.active(tx)
    lines = returnable(tx, order_id, policy)
    found = judge(lines, wish.lines, now, policy.timezone)
    refusals = [refusal.text for verdict in found for refusal in verdict.refusals]
    forced = bool(wish.override) or wish.opened_by in {"channel", "carrier"}
    if not found or (refusals and not forced):
        text = "; ".join(refusals) or "lines: name at least one line and its units"
        raise DomainError("not_returnable", text)
    known_lines = {line.line_id: line for line in lines}
    row = _insert(tx, order_id, wish, policy, known_lines, now)
    data = {"lines": {line.line_id: line.quantity for line in wish.lines}, "method": row.method, "by": wish.opened_by}
    tell(tx, row, "opened", "opened", now=now, by=wish.by, data=data)
    automatic = all(known_lines[v.line_id].effective.terms.automatic for v in found if v.line_id in known_lines)
    if wish.override or wish.opened_by == "carrier" or (automatic and not refusals):
        approve(tx, row, by=wish.by, reason=wish.override, now=now, lines=lines)
    return str(row.id)


def _known(tx: Connection, order_id: str, external_id: str) -> str | None:
    mine = (RETURNS.c.order_id == order_id, RETURNS.c.external_id == external_id)
    return tx.execute(select(RETURNS.c.id).where(*mine)).scalar()


def _already_coming(tx: Connection, order_id: str) -> str | None:
    """A refused parcel is told more than once, and by more than one."""
    mine = (RETURNS.c.order_id == order_id, RETURNS.c.method == "refused_delivery", RETURNS.c.outcome.is_(None))
    return tx.execute(select(RETURNS.c.id).where(*mine)).scalar()


def _insert(
    tx: Connection, order_id: str, wish: Wish, policy: ReturnPolicy, lines: dict[str, ReturnableLine], now: datetime
) -> Row[Any]:
    order = one(tx, ORDERS, order_id)
    connection = one(tx, CONNECTIONS, order.connection_id)
    number = 1 + len(find(tx, RETURNS, order_id=order_id))
    wanted = _summed(wish.lines, lines)
    terms = {line_id: lines[line_id].effective for line_id in wanted}
    order_of = ("never", "first_scan", "approval")
    instant = min((each.terms.instant_refund for each in terms.values()), key=order_of.index, default="never")
    method = "keep" if _is_kept(tx, order, wanted, terms) and wish.method in {"label", "drop_off"} else wish.method
    rma = f"{order_id}-R{number}"
    append(
        tx, RETURNS,
        id=rma, order_id=order_id, number=number, connection_id=order.connection_id, external_id=wish.external_id,
        opened_by=wish.opened_by, method=method, resolution=wish.resolution, instant_refund=instant,
        location_id=wish.location_id or policy.receives(connection.market) or None, policy_version=policy.version,
        terms={line_id: each.model_dump(mode="json") for line_id, each in terms.items()},
        opened_at=now, exchange=[list(each) for each in wish.exchange] or None, acknowledged=[],
        decision="", decided_by="", decision_reason="", state="to_decide", why="", run_no=0, run_open=False,
        expired=False, withdrawn=False, grades_settled=False, claw_back="", uncovered_minor=0, uncovered_why="",
        shipping_given_minor=0, channel_given_minor=0, exchange_order_id="", stopped=False, round=1,
    )  # fmt: skip
    tx.execute(
        _LINES,
        [
            {
                "return_id": rma, "line_id": line_id, "order_id": order_id, "sku": lines[line_id].sku, "reason": reason,
                "announced": units, "authorized": 0, "paid": 0, "worth_minor": 0, "fee_minor": 0, "accepted_anyway": 0,
            }
            for line_id, (units, reason) in wanted.items()
        ],
    )  # fmt: skip
    row = row_of(tx, rma)
    for line_id, (units, _reason) in wanted.items():
        goods.note(tx, row, "announced", f"announced:{line_id}", line_id=line_id, quantity=units, by=wish.by, at=now)
    return row


def _summed(wanted: Sequence[WantedLine], lines: dict[str, ReturnableLine]) -> dict[str, tuple[int, str]]:
    """A line that is named twice is one; what is on no line of the order can only come as a fact, on receipt."""
    total: dict[str, tuple[int, str]] = {}
    for wish in wanted:
        if wish.line_id in lines and wish.quantity > 0:
            total[wish.line_id] = (total.get(wish.line_id, (0, ""))[0] + wish.quantity, wish.reason)
    if not total:
        raise DomainError("not_returnable", "lines: none of them is a line of the order with units to come back")
    return total


def _is_kept(tx: Connection, order: Row[Any], wanted: dict[str, tuple[int, str]], terms: dict[str, Effective]) -> bool:
    """A return that is worth less than the threshold of each of its lines is not asked back."""
    bought = {line.line_id: line for line in find(tx, LINES, order_id=order.id)}
    worth = sum(worth_of(bought[line_id].share_minor, bought[line_id].ordered, 0, units) for line_id, (units, _) in wanted.items())  # fmt: skip
    return all(worth < each.terms.keep_below_minor.get(order.currency, 0) for each in terms.values())


def approve(
    tx: Connection, row: Row[Any], *, by: str, reason: str, now: datetime, lines: Sequence[ReturnableLine] = ()
) -> None:
    """Authorize what is announced, as far as it has shipped (`lines`, if they were read); the goods are expected from now on."""
    _authorize(tx, row, lines, by=by, now=now)
    change(tx, row.id, decision="approved", decided_by=by, decision_reason=reason)
    begin(tx, row_of(tx, row.id), now)
    tell(tx, row, "approved", f"approved:{now.isoformat()}", now=now, by=by, data={"reason": reason})


def _authorize(tx: Connection, row: Row[Any], lines: Sequence[ReturnableLine], *, by: str, now: datetime) -> None:
    read = lines or returnable(tx, row.order_id, policies.load(tx, row.policy_version))
    shipped = {line.line_id: line for line in read}
    for line in lines_of(tx, row.id):
        known = shipped[line.line_id]
        units = min(line.announced - line.authorized, known.shipped - known.authorized)
        if units > 0:
            goods.authorize(tx, row, line.line_id, units, known.shipped, by=by, now=now)


def expect_again(tx: Connection, row: Row[Any], *, by: str, now: datetime) -> Row[Any]:
    """Goods that come after their time was up are authorized once more, as far as nobody else has announced them."""
    if not row.expired or row.decision != "approved":
        return row
    _authorize(tx, row, (), by=by, now=now)
    change(tx, row.id, expired=False, expires_at=now)
    return reopen(tx, row_of(tx, row.id))
