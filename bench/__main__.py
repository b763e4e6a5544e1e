"""`make bench`: every figure in one run, written to var/bench/report.json."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import (
    console,
    flash_sale,
    growth,
    launches,
    many_numbers,
    orders,
    publication,
    publication_day,
    reconcile,
    report,
    sourcing,
)
from cli.finish import finish
from runtime.apart import apart
from runtime.settings import Settings

BUDGETS = {
    "stock_change_to_confirmed_p95_ms": 5000,
    "stock_numbers_wrong_at_the_end": 0,
    "stock_day_numbers_wrong": 0,
    "stock_day_calls_to_batch_bound_ratio": 1.05,
    "throttled_share": 0.001,
    "flash_sale_others_p95_growth": 1.2,
    "console_first_page_p95_ms": 2000,
    "console_order_page_p95_ms": 2000,
    "console_inventory_page_p95_ms": 2000,
    "console_products_page_p95_ms": 2000,
    "console_20_pages_slow_routing_ratio": 1.1,
    "webhook_answer_p95_ms": 25,
    "webhook_to_routed_p95_ms": 2000,
    "exception_visible_ms": 5000,
    "exception_closed_ms": 5000,
    "order_resumed_ms": 5000,
    "order_to_floor_cpu_ratio": 1.5,
    "return_to_floor_cpu_ratio": 2,
    "sourcing_p99_ms": 10,
    "intake_100k_to_1k_ratio": 1.2,
    "routing_100k_to_1k_ratio": 1.2,
    "reconcile_10k_to_1k_ratio": 2,
    "reconcile_100k_to_1k_ratio": 2,
    "launch_skew_p95_ms": 3000,
    "launch_leaks": 0,
    "launch_read_backs_per_100_products_shopify": 6,
    "launch_read_backs_per_100_products_woocommerce": 6,
    "launch_read_backs_per_100_products_amazon": 6,
    "launch_time_to_rate_bound_ratio": 1.15,
    "launch_throttled_share": 0.01,
}
"""What the figures are held against; a budget that is missed is said, and fails nothing."""
FLOORS = {"publication_share_of_rate_budget": 0.95}
"""The same for figures that are to be high."""
METHOD = (
    "One stack on this machine with simulated platforms. Webhooks: open loop at 200/s, distinct signed orders put "
    "together before the clock runs, the worker running; beside the answer time stand the API's own processor time per "
    "webhook and how long it was ready to run but had no processor, which tells a slow hub from a busy machine. Rate: "
    "the backlog of that burst, first webhook to last tracking shown. Latency: open loop at 70 % of that rate, webhook "
    "sent to decision durable. Causes: 60 orders of an unknown SKU, the slowest of them until the exception names it; then "
    "from its mapping to the exception's end and to the first and the last routing. CPU: user and system time of server, worker and API, rounds of orders (then of "
    "returns: opened, received and inspected over the API, refunded and closed at the shop) and of floor runs of the "
    "same shape in turn, both at the same pace and with the same rest after it, median of the pairs. A floor has the "
    "event loop, workflow runner, summaries, search attributes, priorities and timeouts of the process, and does "
    "nothing; the counted steps of both stand beside the ratio, and its rate on a burst. Growth: two databases in one process, one after the other for each measurement, medians. Stock: receipts at 50/s to a Shopify shop, a WooCommerce shop and a Square account "
    "that answer after 50 ms, durable to confirmed by the last of them; a day of 100,000 changes over 20,000 items in one "
    "process against the same three, pushed after every 2,000 changes, each batch's calls against the fewest that its "
    "platform allows; then every number at once at the limit of what each platform (Shopify: 40 points/s) or its "
    "connection (300 calls a minute) allows, 50 ms late; and 100,000 items on five channels computed anew. Console: a database of 100,000 orders; pages opened one by one in Chromium until the "
    "content is there and the connection open; bursts of orders with and without 20 open pages in turn, followed over their "
    "sockets as by browsers on other machines, medians of the pairs. Launches: two Shopify shops, a WooCommerce shop and a seller at Amazon, each call 50 ms "
    "late; skew from the first platform's yes to the last one's, Amazon's own delay of 1 s apart; five hundred products "
    "at Amazon's documented limits, against the time that the calls of its busiest operation take at those limits."
)


Say = Callable[[str], None]
Found = tuple[dict[str, float], dict[str, Any]]
PARTS: dict[str, Callable[[Path, Say], Found]] = {
    "sourcing": lambda _var, _say: (dict(sourcing.run(seed=20261122)), {}),
    "growth": growth.run,
    "reconcile": lambda var, _say: (reconcile.run(var), {}),
    "orders": lambda var, say: (asyncio.run(orders.run(apart(var), say)), {}),
    "console": lambda var, say: (asyncio.run(console.run(var, say)), {}),
    "stock_day": lambda var, say: (publication_day.run(var, say), {}),
    "stock_many": lambda var, _say: (many_numbers.run(var), {}),
    "stock": lambda var, say: (asyncio.run(publication.run(apart(var), say)), {}),
    "launches": lambda var, say: (asyncio.run(launches.run(apart(var), say)), {}),
    "flash_sale": lambda var, say: (asyncio.run(flash_sale.run(apart(var), say)), {}),
}
"""By name, for `python -m bench NAME…`; each measures alone what the whole run does."""


def main() -> int:
    """Run what is named, or everything; the exit code says only whether it could be measured."""
    screen, started = Console(), monotonic()

    def say(text: str) -> None:
        screen.print(f"[dim]{monotonic() - started:6.1f} s[/]  {text}", highlight=False)

    var = Settings().var / "bench"
    chosen = sys.argv[1:] or list(PARTS)
    if unknown := set(chosen) - PARTS.keys():
        screen.print(f"There is no {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}.")
        return 2
    shutil.rmtree(var, ignore_errors=True)
    metrics: dict[str, float] = {}
    plans: dict[str, Any] = {}
    for name in chosen:
        found, seen = PARTS[name](var / name, say)
        metrics, plans = metrics | found, plans | seen
        say(f"{name.replace('_', ' ')}: measured")
    checks = {
        name: (metrics[name] <= budget, f"{metrics[name]:.2f}, budget {budget}")
        for name, budget in BUDGETS.items()
        if name in metrics
    } | {
        name: (metrics[name] >= floor, f"{metrics[name]:.2f}, at least {floor}")
        for name, floor in FLOORS.items()
        if name in metrics
    }
    path = report.write(var, metrics=metrics, checks=checks, method=METHOD, query_plans=plans)
    table = Table("figure", "value", "budget")
    for name, value in metrics.items():
        table.add_row(name, f"{value:,.2f}", str(BUDGETS.get(name, FLOORS.get(name, ""))))
    screen.print(table)
    screen.print(f"Report: {path}", soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.stdout.flush()
    finish(main())
