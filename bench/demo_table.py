"""The demo's tables: each order with its why, its parcels and what the channel shows; stock before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from sqlalchemy import select

from bench import outlet
from bench.stage import SHOPS
from db.order_reading import DECISIONS, FULFILLMENT_ORDERS, SHIPMENTS
from domain.sourcing import why
from domain.sourcing.plan import RoutingPlan

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Connection, Row

    from bench import outlet
from bench.stage import Scene


async def facts_of(here: Scene, row: Row[Any]) -> dict[str, Any]:
    """One order as the report tells it; `shown` is what the channel's own staff see."""

    def work(tx: Connection) -> tuple[list[Any], list[Any], list[Any]]:
        mine = [
            select(table).where(table.c.order_id == row.id).order_by(*order)
            for table, order in (
                (FULFILLMENT_ORDERS, [FULFILLMENT_ORDERS.c.number]),
                (SHIPMENTS, [SHIPMENTS.c.id]),
                (DECISIONS, [DECISIONS.c.round]),
            )
        ]
        return list(tx.execute(mine[0])), list(tx.execute(mine[1])), list(tx.execute(mine[2]))

    fulfillment_orders, shipments, decisions = await here.hub.database.read(work)
    shown = await _shown_tracking(here, row)
    return {
        "order": row.number,
        "id": row.id,
        "channel": row.connection_id,
        "total": f"{row.presentment_total_minor} {row.presentment_currency} (minor units)",
        "outcome": row.outcome or row.why,
        "locations": [
            f"{f.location_id} {f.state}" + (f" ({f.reason})" if f.reason else "") for f in fulfillment_orders
        ],
        "why": [why(RoutingPlan.model_validate(decision.plan)) for decision in decisions],
        "shipments": [
            {
                "tracking": shipment.tracking_number,
                "carrier": shipment.carrier,
                "collected": shipment.is_collected,
                "shown": (shipment.is_collected and shipment.report == "reported") or shipment.tracking_number in shown,
            }
            for shipment in shipments
        ],
        "tracking": sorted(shown),
    }


async def _shown_tracking(here: Scene, row: Row[Any]) -> set[str]:
    if row.connection_id == "amazon-us":
        orders = (await here.sandbox.get("/control/amazon/orders")).json()
        return {p["trackingNumber"] for o in orders if o["orderId"] == row.external_id for p in o["packages"]}
    if row.connection_id == outlet.OUTLET:
        return await outlet.tracking(here.sandbox, row.external_id)
    if row.connection_id not in SHOPS:
        return set()
    answer = await here.sandbox.get(f"/control/shopify/shops/{SHOPS[row.connection_id][0]}/orders/{row.external_id}")
    if not answer.is_success:
        return set()
    return {part["number"] for done in answer.json()["fulfillments"] for part in done["tracking"]}


def show_orders(console: Console, items: list[dict[str, Any]]) -> None:
    """One row per order."""
    table = Table(title="Orders", show_lines=True, expand=True)
    for name, ratio in (("order", 2), ("outcome", 3), ("routed to", 5), ("why", 8), ("tracking the channel shows", 4)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for item in sorted(items, key=lambda each: str(each["order"])):
        collected = ["collected"] if any(s["collected"] for s in item["shipments"]) else []
        table.add_row(
            item["order"],
            item["outcome"],
            "\n".join(item["locations"]) or "-",
            "\n".join(item["why"]) or "-",
            "\n".join(item["tracking"] or collected) or "-",
        )
    console.print(table)


def show_stock(console: Console, before: Any, after: Any) -> None:
    """Only what moved."""
    old = {(row.item_id, row.location_id): row for row in before}
    table = Table(title="Stock on hand (reserved), where it moved")
    for name in ("item", "location", "before", "after"):
        table.add_column(name)
    for row in after:
        known = old.get((row.item_id, row.location_id))
        was, now = (known.on_hand if known else 0, known.reserved if known else 0), (row.on_hand, row.reserved)
        if was != now:
            table.add_row(row.item_id, row.location_id, f"{was[0]} ({was[1]})", f"{now[0]} ({now[1]})")
    console.print(table)
