"""The scorecard: what was lost, doubled or oversold, by the simulators' own counts and the ledger's own rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bench.stage import PROJECT, SHOPS
from db.exceptions import AFFECTED, EXCEPTIONS
from db.ledger import MOVEMENTS, verify
from db.order_reading import EFFECTS, ORDERS
from runtime.installation import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx
    from sqlalchemy import Connection

    from db.session import Database

ONCE = {"shopify": ("fulfillment", "capture", "refund", "cancel"), "shipbob": ("orders",)}
"""Kinds of write that must be committed once per business reference."""
Check = tuple[bool, str]


async def measure(
    database: Database, sandbox: httpx.AsyncClient, placed: Iterable[tuple[str, str]]
) -> tuple[dict[str, float], dict[str, Check]]:
    """Figures and invariants; `placed` are connection and order id of what buyers ordered."""
    rows = {
        (row.connection_id, row.external_id): row
        for row in await database.read(lambda tx: list(tx.execute(select(ORDERS))))
    }
    lost = [key for key in placed if key not in rows]
    named = await database.read(waiting_for_a_named_cause)
    stuck = [row.id for row in rows.values() if row.outcome is None and row.id not in named]
    doubled = await doubles(sandbox)
    oversold = await database.read(oversold_units)
    differences = await database.read(verify)
    in_doubt, raised, closed = await database.read(_counts)
    metrics: dict[str, float] = {
        "orders_in": len(rows) + len(lost),
        "orders_ended": sum(row.outcome is not None for row in rows.values()),
        "lost": len(lost) + len(stuck),
        "duplicate_effects": len(doubled),
        "oversold_units": sum(oversold.values()),
        "in_doubt_left": in_doubt,
        "exceptions_raised": raised,
        "exceptions_closed": closed,
    }
    return metrics, {
        "no_order_is_lost": (not lost, f"the shops have orders that the hub has not: {lost}"),
        "every_order_ended_or_waits_for_a_named_cause": (not stuck, f"they stand still without a reason: {stuck}"),
        "nothing_is_done_twice": (not doubled, f"by the simulators' count: {doubled}"),
        "nothing_is_oversold": (not oversold, f"promised beyond what was there: {oversold}"),
        "the_ledger_adds_up": (not differences, f"differences: {differences}"),
        "no_write_is_in_doubt": (not in_doubt, f"writes whose outcome is unknown: {in_doubt}"),
    }


def waiting_for_a_named_cause(tx: Connection) -> frozenset[str]:
    """Orders that an open exception explains, or that say themselves what they wait for."""
    explained = (
        select(AFFECTED.c.order_id)
        .join(EXCEPTIONS, EXCEPTIONS.c.id == AFFECTED.c.exception_id)
        .where(AFFECTED.c.gone_at.is_(None), EXCEPTIONS.c.closed_at.is_(None))
    )
    waiting = select(ORDERS.c.id).where(ORDERS.c.state.in_(["waiting", "backordered"]), ORDERS.c.why != "")
    return frozenset(tx.execute(explained.union(waiting)).scalars())


async def doubles(sandbox: httpx.AsyncClient) -> list[str]:
    """Writes that were committed more than once, and orders of which more units left than were bought."""
    counted = (await sandbox.get("/control/counters")).json()
    twice = [
        f"{platform} {kind} {reference}: {times}"
        for platform, kinds in ONCE.items()
        for kind in kinds
        for reference, times in counted[platform].get(kind, {}).items()
        if times > 1
    ]
    bought = await _units_bought(sandbox)
    shipped: Counter[str] = Counter()
    for reference, units in counted["shipbob"].get("shipped_units", {}).items():
        shipped[reference.rpartition("-F")[0]] += units
    return twice + [
        f"{order}: {units} units shipped, {bought.get(order, 0)} bought"
        for order, units in shipped.items()
        if units > bought.get(order, 0)
    ]


async def _units_bought(sandbox: httpx.AsyncClient) -> dict[str, int]:
    """Units of stock that each order is made of, as the shops tell it; a bundle counts by its components."""
    components = {sku: sum(item.components.values()) for sku, item in read(PROJECT / "tutti.yaml").items.items()}
    bought = {}
    for connection, (shop, _) in SHOPS.items():
        for shown in (await sandbox.get(f"/control/shopify/shops/{shop}/orders")).json():
            body = (await sandbox.get(f"/control/shopify/shops/{shop}/orders/{shown['id']}/body")).json()
            bought[f"{connection}-{shown['id']}"] = sum(
                line["quantity"] * (components.get(line["sku"]) or 1)
                for line in body["line_items"]
                if line.get("requires_shipping", True)
            )
    return bought


def oversold_units(tx: Connection) -> Mapping[str, int]:
    """Per place, the worst moment of the day: units promised beyond what was on hand, replayed from the movements."""
    balance: Counter[str] = Counter()
    worst: defaultdict[str, int] = defaultdict(int)
    for row in tx.execute(select(MOVEMENTS).where(MOVEMENTS.c.condition == "sellable").order_by(MOVEMENTS.c.id)):
        place = f"{row.item_id} at {row.location_id}"
        balance[place] += row.on_hand - row.reserved
        worst[place] = max(worst[place], -balance[place])
    return {place: units for place, units in worst.items() if units}


def _counts(tx: Connection) -> tuple[int, int, int]:
    in_doubt = tx.execute(select(func.count()).where(EFFECTS.c.state == "in_doubt")).scalar_one()
    raised = tx.execute(select(func.count()).select_from(EXCEPTIONS)).scalar_one()
    closed = tx.execute(select(func.count()).where(EXCEPTIONS.c.closed_at.is_not(None))).scalar_one()
    return int(in_doubt), int(raised), int(closed)
