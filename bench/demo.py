"""The demo: a day of the example merchant in a minute, told as a story and checked at its end."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from copy import deepcopy
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from bench import demo_launch, outlet, report
from bench.cause_times import cause_times
from bench.causes import map_sku
from bench.comeback import Comeback
from bench.demo_channels import restock
from bench.demo_table import facts_of, show_orders, show_stock
from bench.samples import deliver_samples
from bench.staff import Staff
from bench.stage import PROJECT, SHOPS, Scene, scene, until
from db.inventory_queries import levels, movements
from db.ledger import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from runtime.settings import Settings

FIXTURES = PROJECT / "sandbox" / "fixtures" / "shopify"
REJECTED, TWO_PARCELS, SLOW = "#1002", "#1023", "#1099"
"""Order numbers that the simulated 3PL treats in its own way: refuses, ships in two parcels, leaves lying."""
PATIENCE_S = 120
UNMAPPED = "unmapped_sku:shopify-us:VINTAGE-CAP"


async def run(settings: Settings, console: Console, samples: Path | None) -> int:
    """Play it; the exit code is 0 if every order ended as it should and nothing was lost, doubled or oversold."""
    started = monotonic()
    say = _teller(console, started)
    async with scene(settings, say=say, publish=samples is None) as here:
        before = await here.hub.database.read(levels)
        staff = asyncio.create_task(Staff(here.api).work())
        times = await _day(here, say) if samples is None else {}
        if samples is not None:
            await deliver_samples(here, samples, say)
        launched = await demo_launch.launches(here, say) if samples is None else []
        staff.cancel()
        with suppress(asyncio.CancelledError):
            await staff
        after = await here.hub.database.read(levels)
        items = [await facts_of(here, row) for row in await here.orders()]
        checks = await _checks(here, items, is_sample=samples is not None)
        checks |= demo_launch.checks(launched) if launched else {}
        show_orders(console, items)
        show_stock(console, before, after)
        demo_launch.show(console, launched)
        _show_checks(console, checks)
        path = report.write(
            settings.var,
            metrics={
                "orders": len(items),
                "shipments": sum(len(item["shipments"]) for item in items),
                **times,
                **demo_launch.metrics(launched),
                "seconds": round(monotonic() - started, 1),
            },
            checks=checks,
            items=items,
            stock={"before": _plain(before), "after": _plain(after)},
            launches=launched,
        )
        ui = here.stack.settings.temporal_ui_port
        console.print(
            f"Temporal UI while it ran: http://127.0.0.1:{ui}/namespaces/default/workflows/order-routing%2F<order>",
            soft_wrap=True,
        )
        console.print(f"The same facts: {path}", soft_wrap=True)
    return 0 if all(ok for ok, _ in checks.values()) else 1


def _teller(console: Console, started: float) -> Callable[[str], None]:
    return lambda text: console.print(f"[dim]{monotonic() - started:5.1f} s[/]  {text}", highlight=False)


async def _day(here: Scene, say: Callable[[str], None]) -> dict[str, float]:
    """Orders come in, then people and platforms do what the harder ones wait for; how soon one went on by itself."""
    bodies, held = await morning(here, say)
    mapped_at = await _help_the_waiting(here, bodies, held, say)
    await until(lambda: _ended(here), PATIENCE_S, "every order has ended")
    say("every order has ended")
    await bring_back(here, f"shopify-us-{bodies['one_parcel']['id']}", say)
    await restock(here, say)
    await here.sandbox.post("/control/webhooks/drain")
    waited = _waiting_for_sku(bodies)
    return await here.hub.database.read(lambda tx: cause_times(tx, UNMAPPED, [waited], mapped_at))


async def morning(here: Scene, say: Callable[[str], None]) -> tuple[dict[str, Any], str]:
    """Orders come in, the first are shipped, and the harder ones wait; the shops' bodies, and the order on hold."""
    await _instruct_warehouse(here)
    bodies = {name: json.loads((FIXTURES / f"{name}.json").read_text()) for name in _names()}
    for name, body in bodies.items():
        connection = "shopify-eu" if body["currency"] == "EUR" else "shopify-us"
        await here.place(connection, body, risk="HIGH" if name == "fraud_risk" else "NONE")
    say(f"{len(bodies)} signed orders were sent by the shops")
    await here.buy(TEE_BLK_M=1)
    await here.buy(MUG_RED=2, NOTEBOOK_A5=1)
    say("two buyers order at the marketplace, which tells the hub through its queue")
    await outlet.buy(here.sandbox, {"TEE-BLK-M": 1, "MUG-RED": 1})
    await outlet.buy(here.sandbox, {"NOTEBOOK-A5": 2}, date_paid_gmt=None, payment_method="cod")
    say("two buyers order at the WooCommerce outlet, one of them to be paid on delivery")
    await outlet.sell_at_till(here.sandbox, {"BOTTLE-STEEL": 2})
    await until(lambda: _sold_at_till(here), PATIENCE_S, "the till's sale is booked")
    say("two steel bottles are sold over the counter in Berlin: the ledger knows")
    await here.place("shopify-us", _again(bodies["one_parcel"], 99))
    held = await here.place("shopify-us", _again(bodies["one_parcel"], 98), hold="OTHER")
    await until(lambda: _count(here, "fulfilled", 10), PATIENCE_S, "the first ten orders are fulfilled")
    say("the first ten are shipped and their tracking stands in the shop")
    return bodies, str(held["id"])


async def _sold_at_till(here: Scene) -> bool:
    moved = await here.hub.database.read(lambda tx: movements(tx, "BOTTLE-STEEL", location_id="store-berlin"))
    return any(row.kind == "sale" for row in moved)


async def _instruct_warehouse(here: Scene) -> None:
    def rule(number: str, reference: str = "*", **behavior: Any) -> dict[str, Any]:
        return {"order_number": number, "reference": reference, "behavior": behavior}

    await here.warehouse(
        rules=[
            rule(REJECTED, "*-F1", outcome="reject", reason="OutOfStock"),
            rule(TWO_PARCELS, parcels=2, parcel_gap=0.2),
            rule(SLOW, pick_after=None),
        ]
    )


def _names() -> list[str]:
    return [name for name in json.loads((FIXTURES / "index.json").read_text()) if name != "index"]


def _again(body: dict[str, Any], number: int) -> dict[str, Any]:
    """The same order once more, under another number."""
    copy = deepcopy(body)
    copy["id"] += number * 1000
    copy |= {"name": f"#10{number}", "order_number": 1000 + number, "number": number}
    copy["admin_graphql_api_id"] = f"gid://shopify/Order/{copy['id']}"
    for line in copy["line_items"]:
        line["id"] += number * 10_000
    return copy


async def _help_the_waiting(here: Scene, bodies: dict[str, Any], held: str, say: Callable[[str], None]) -> datetime:
    """Returns when the unknown SKU was mapped."""
    shop = SHOPS["shopify-us"][0]
    slow = 5001000001 + 99 * 1000
    await until(lambda: is_in(here, f"shopify-us-{slow}", "in_fulfillment"), 30, "the order to be canceled is sent")
    await here.sandbox.post(f"/control/shopify/shops/{shop}/orders/{slow}/cancel", json={})
    say("a buyer cancels an order that the 3PL has already: the hub asks it back")
    for name in ("payment_pending", "partially_paid"):
        await here.sandbox.post(f"/control/shopify/shops/{shop}/orders/{bodies[name]['id']}/pay")
    say("two buyers pay")
    await here.api.post(f"/orders/shopify-us-{bodies['fraud_risk']['id']}/release")
    say("a person looks at an order with a high risk of fraud and releases it")
    await here.sandbox.post(f"/control/shopify/shops/{shop}/orders/{held}/release")
    say("the shop's staff lift a hold")
    await until(lambda: is_in(here, _waiting_for_sku(bodies), "waiting"), 30, "an order waits for its SKU")
    mapped_at = await map_sku(here, "VINTAGE-CAP", title="Vintage cap", place="BER", units=5)
    say("a person maps the unknown SKU VINTAGE-CAP: the order that waits goes on")
    chairs = {"kind": "receive", "item_id": "CHAIR-OAK", "location_id": "ATL", "quantity": 60}
    answer = await here.api.post("/inventory/movements", json=chairs, headers={"Idempotency-Key": "demo-chairs"})
    answer.raise_for_status()
    say("60 chairs arrive in Atlanta: the backorder is woken")
    return mapped_at


async def bring_back(here: Scene, order: str, say: Callable[[str], None]) -> None:
    """Bought at the web shop, brought back to a store: looked up at the counter, received, inspected, refunded."""
    number = (await here.api.get(f"/orders/{order}")).json()["number"]
    found = (await here.api.get("/returns/lookup", params={"q": number})).json()
    assert order in {each["order_id"] for each in found}
    say(f"a buyer brings {number} back to a store; the counter finds the web order")
    comeback = Comeback(here)
    returns = await comeback.bring([order], 1)
    seconds = await comeback.until_over(returns, PATIENCE_S)
    say(
        f"return {returns[0]}: restocked at the store and refunded by the web shop, {seconds:.1f} s after it was opened"
    )


def _waiting_for_sku(bodies: dict[str, Any]) -> str:
    return f"shopify-us-{bodies['unmapped_sku']['id']}"


async def _count(here: Scene, outcome: str, wanted: int) -> bool:
    return [row.outcome for row in await here.orders()].count(outcome) >= wanted


async def is_in(here: Scene, order_id: str, state: str) -> bool:
    """Whether the order is known and in this state."""
    row = await here.order(order_id)
    return bool(row is not None and row.state == state)


async def _ended(here: Scene) -> bool:
    return all(row.outcome is not None for row in await here.orders())


async def _checks(here: Scene, items: list[dict[str, Any]], *, is_sample: bool) -> dict[str, tuple[bool, str]]:
    """What must hold at the end, by the simulators' own counts and the ledger's own sums."""
    counted = await here.counters()
    orders, parcels = counted["shipbob"].get("orders", {}), counted["shopify"].get("fulfillment", {})
    doubled = [
        key for key, times in {**orders, **parcels, **counted["amazon"].get("shipments", {})}.items() if times > 1
    ]
    differences = await here.hub.database.read(verify)
    oversold = [
        level for level in await here.hub.database.read(levels) if level.on_hand < 0 or level.reserved > level.on_hand
    ]
    brought = [each["outcome"] for each in (await here.api.get("/returns")).json()]
    unnamed = [item["order"] for item in items if not item["outcome"]]
    untold = [item["order"] for item in items if item["shipments"] and not all(s["shown"] for s in item["shipments"])]
    return {
        "every_order_has_a_named_outcome": (not unnamed, f"{len(items)} orders, without: {unnamed}"),
        "tracking_is_shown_by_the_channel": (is_sample or not untold, f"not shown: {untold}"),
        "nothing_was_done_twice": (not doubled, f"doubled by the simulators' count: {doubled}"),
        "nothing_is_oversold": (not oversold, f"oversold levels: {len(oversold)}"),
        "what_came_back_is_refunded_once": (is_sample or brought == ["refunded"], f"returns ended as: {brought}"),
        "the_ledger_adds_up": (not differences, f"differences: {len(differences)}"),
    }


def _show_checks(console: Console, checks: dict[str, tuple[bool, str]]) -> None:
    for name, (ok, detail) in checks.items():
        mark = "[green]✓[/]" if ok else "[bold red]✗[/]"
        console.print(f"{mark} {name.replace('_', ' ')}  [dim]{'' if ok else detail}[/]")


def _plain(rows: Any) -> list[dict[str, Any]]:
    return [
        {"item": row.item_id, "location": row.location_id, "on_hand": row.on_hand, "reserved": row.reserved}
        for row in rows
    ]
