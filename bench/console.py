"""The console with 100,000 orders and 20,000 SKUs in the database: how soon pages answer, what they hold, and what they cost routing."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import asynccontextmanager
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING

import psutil
from playwright.async_api import async_playwright
from sqlalchemy import func, select

from bench.assortment import widen
from bench.followers import following
from bench.growth import LARGE, seeded
from bench.load import Load
from bench.orders import PATIENCE_S, plenty
from bench.processes import used
from bench.stage import Scene, scene, until
from db.order_reading import ORDERS
from runtime.access import operator_token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from playwright.async_api import Browser, BrowserContext

    from bench.followers import Follower

OPENINGS, PAGES, PAIRS, BURST = 25, 20, 6, 150
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
READY = "() => !document.querySelector('.loading') && document.querySelector('.content h1') && window.socket?.connected"
WATCHED = ("/", "/orders", "/exceptions", "/connections")
"""What the pages that stay open show: everything on them follows the hub."""


async def run(folder: Path, say: Callable[[str], None]) -> dict[str, float]:
    """All figures; {} with a word where there is no Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        say("the console was not measured: Chromium is not installed (Debian: apt-get install chromium)")
        return {}
    hub = await seeded(folder, LARGE, plenty)
    skus = await widen(hub.database)
    await hub.close()
    say(f"a database was seeded with {LARGE:,} orders and {skus:,} SKUs")
    async with scene(hub.settings, installation=plenty, console=True) as here, _browser(program) as browser:
        context = await _signed_in(here, browser)
        figures = await _memory(here, context)
        figures |= await _openings(here, context, say)
        figures |= await _side_by_side(here, say)
    await asyncio.to_thread(shutil.rmtree, folder)
    return figures


@asynccontextmanager
async def _browser(program: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        await browser.close()


async def _signed_in(here: Scene, browser: Browser) -> BrowserContext:
    context = await browser.new_context(base_url=_address(here))
    token = operator_token(here.stack.settings) or ""
    await context.add_cookies([{"name": "tutti_session", "value": token, "url": _address(here)}])
    return context


def _address(here: Scene) -> str:
    return f"http://127.0.0.1:{here.stack.ports['console']}"


def _open_elsewhere(here: Scene) -> AbstractAsyncContextManager[list[Follower]]:
    """So many pages stay open on other people's machines."""
    paths = [WATCHED[nth % len(WATCHED)] for nth in range(PAGES)]
    return following(_address(here), paths, f"tutti_session={operator_token(here.stack.settings)}")


async def _memory(here: Scene, context: BrowserContext) -> dict[str, float]:
    """Of a console that has shown each of them once and holds nothing that it could use again."""
    console = psutil.Process(here.stack.pid("console"))
    for path in WATCHED:
        await _opened_ms(context, path)
    empty = console.memory_info().rss
    async with _open_elsewhere(here):
        return {"console_bytes_per_open_page": (console.memory_info().rss - empty) / PAGES}


async def _openings(here: Scene, context: BrowserContext, say: Callable[[str], None]) -> dict[str, float]:
    found = (await here.api.get("/orders", params={"limit": OPENINGS})).json()["orders"]
    figures: dict[str, float] = {}
    for name, paths in (
        ("first_page", ["/"] * OPENINGS),
        ("orders_page", ["/orders"] * OPENINGS),
        ("order_page", [f"/orders/{order['id']}" for order in found]),
        ("inventory_page", ["/inventory"] * OPENINGS),
        ("products_page", ["/products"] * OPENINGS),
    ):
        times = [await _opened_ms(context, path) for path in ["/", *paths]][1:]
        figures |= {f"console_{name}_p50_ms": median(times), f"console_{name}_p95_ms": quantiles(times, n=20)[-1]}
    told = ", ".join(f"{name} {spent:,.0f}" for name, spent in figures.items() if "p95" in name)
    say(f"pages were opened one by one: {told}")
    return figures


async def _opened_ms(context: BrowserContext, path: str) -> float:
    """Until the content is there and the page answers to its buttons."""
    page = await context.new_page()
    started = perf_counter()
    await page.goto(path)
    await page.wait_for_function(READY)
    spent = 1000 * (perf_counter() - started)
    await page.close()
    return spent


async def _side_by_side(here: Scene, say: Callable[[str], None]) -> dict[str, float]:
    """Bursts with and without 20 pages open elsewhere in turn: each pair is one comparison."""
    load = Load(here, os.environ["SHOPIFY_US_SECRET"])
    await _rate(load, BURST // 3)
    console = psutil.Process(here.stack.pid("console"))
    ratios, spent = [], []
    for number in range(PAIRS):
        without = await _rate(load, BURST) if number % 2 == 0 else 0.0
        async with _open_elsewhere(here) as pages, used({"console": console.pid}) as usage:
            beside = await _rate(load, BURST)
        if not any(page.told for page in pages):
            raise RuntimeError("no open page was told anything while orders came in")
        spent.append(usage.cpu_ms["console"] / BURST)
        without = without or await _rate(load, BURST)
        ratios.append(without / beside)
        say(f"pair {number + 1}: {without:.1f} orders a second alone, {beside:.1f} with {PAGES} pages open")
    return {
        "console_20_pages_slow_routing_ratio": median(ratios),
        "console_cpu_ms_per_order_with_20_pages": median(spent),
    }


async def _rate(load: Load, count: int) -> float:
    """Orders a second, from the first webhook until the last order has ended."""
    orders = await load.prepare(count)
    wanted = [order.order_id for order in orders]
    ended = select(func.count()).where(ORDERS.c.id.in_(wanted), ORDERS.c.outcome.is_not(None))

    async def all_ended() -> bool:
        return await load.here.hub.database.read(lambda tx: tx.execute(ended).scalar_one()) == count

    started = perf_counter()
    await load.send(orders, 200)
    await until(all_ended, PATIENCE_S, f"{count} orders have ended")
    return count / (perf_counter() - started)
