"""The demo's launches: one product live on three channels at one moment, and one that fails and is taken back."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.table import Table

from bench.catalog import demo_products
from bench.outlet import OUTLET
from bench.stage import SHOPS, until
from bench.windows import Offered, Window, look

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx
    from rich.console import Console

    from bench.stage import Scene

CHANNELS = {
    "shopify-eu": Window("shopify", SHOPS["shopify-eu"][0]),
    OUTLET: Window("woocommerce", "outlet"),
    "amazon-us": Window("amazon"),
}
MUG, SET = "tide-mug", "first-light-set"
SHOWN_BY = {MUG: "TIDE-FOM", SET: "FIRST-LIGHT"}
"""The SKU by which the story tells what a channel shows of the product."""
AMAZON_TAKES_S = 0.8
"""Between Amazon's yes and the listing that buyers see."""
PATIENCE_S = 60
Windows = dict[str, Offered | None]


async def launches(here: Scene, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Both stories; what the report tells of each."""
    await products(here)
    async with _second_person(here) as approver:
        good = await _launch(here, approver, MUG, say)
        say(
            f"{MUG} is live on {len(CHANNELS)} channels: skew {good['skew_ms']} ms; "
            f"Amazon showed it {good['platform_delay_ms']} ms after its yes"
        )
        await _old_set_at_the_outlet(here)
        refuse = {"kind": "refuse", "platform": "amazon", "operation": "putListingsItem", "probability": 1}
        bad = await _launch(here, approver, SET, say, fault=refuse)
        say(
            f"{SET}: {bad['restoring']}; every channel is as it was, "
            f"and what buyers could see meanwhile was gone after {bad['exposed_ms']} ms"
        )
    return [good, bad]


async def products(here: Scene) -> None:
    """The example's products come from a file; their pictures lie at the sandbox."""
    media = f"{here.stack.settings.sandbox_url}/media/"
    for product in demo_products(media):
        (await here.api.patch(f"/products/{product['id']}", json=product)).raise_for_status()
    for name in SHOWN_BY:
        (await here.api.post(f"/products/{name}/media/read")).raise_for_status()


@asynccontextmanager
async def _second_person(here: Scene) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever makes a launch cannot approve it."""
    key = (await here.api.post("/keys", json={"name": "second person", "role": "operations"})).raise_for_status().json()
    bearer = {"Authorization": f"Bearer {key['token']}"}
    api = here.api
    api_of_another = type(api)(base_url=api.base_url, headers=bearer, timeout=30, trust_env=False)
    async with api_of_another:
        yield api_of_another


async def _launch(
    here: Scene,
    approver: httpx.AsyncClient,
    product: str,
    say: Callable[[str], None],
    fault: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """From a plan to its end; `windows` are what buyers saw before, at the height of it, and after."""
    before = await _windows(here, product)
    address = await staged(here, product)
    say(f"{product} is staged on {len(CHANNELS)} channels, and no buyer sees it; another person approves")
    (await approver.post(f"{address}/approve")).raise_for_status()
    if fault is not None:
        (await here.sandbox.post("/control/faults", json={"faults": [fault]})).raise_for_status()
    (await here.sandbox.post("/control/amazon/settings", json={"visible_after": AMAZON_TAKES_S})).raise_for_status()
    seen = [await _windows(here, product)]
    watcher = asyncio.create_task(_watch(here, product, seen))
    (await here.api.post(f"{address}/move", json={"go_live_at": _in(timedelta(seconds=1))})).raise_for_status()
    await until(lambda: _is(here, address, "over"), PATIENCE_S, f"the launch of {product} is over")
    watcher.cancel()
    with suppress(asyncio.CancelledError):
        await watcher
    await here.sandbox.delete("/control/faults")
    await here.sandbox.post("/control/amazon/settings", json={"visible_after": 0})
    told: dict[str, Any] = (await here.api.get(address)).json()
    after = await _windows(here, product)
    height = max(seen, key=lambda windows: sum(windows[name] != before[name] for name in windows))
    return told | {"windows": {"before": before, "at the height": height, "after": after}}


async def staged(here: Scene, product: str) -> str:
    """A launch that waits for its approval; its address."""
    plan = {"id": f"launch-{product}", "name": product, "products": [product], "channels": list(CHANNELS)}
    answer = await here.api.post("/launches", json=plan | {"go_live_at": _in(timedelta(hours=1))})
    if not answer.is_success:
        raise RuntimeError(f"the launch was not made: {answer.text}")
    address = f"/launches/{plan['id']}"
    await until(lambda: _is(here, address, "awaiting_approval"), PATIENCE_S, f"{product} is staged")
    return address


async def _windows(here: Scene, product: str) -> Windows:
    sku = SHOWN_BY[product]
    found = await asyncio.gather(*(look(here.sandbox, window) for window in CHANNELS.values()))
    return {name: shown.get(sku) for name, shown in zip(CHANNELS, found, strict=True)}


async def _watch(here: Scene, product: str, seen: list[Windows]) -> None:
    while True:
        seen.append(await _windows(here, product))
        await asyncio.sleep(0.02)


async def _is(here: Scene, address: str, stage: str) -> bool:
    told = (await here.api.get(address)).raise_for_status().json()
    if told["stage"] == "blocked":
        raise RuntimeError(f"{address} is blocked: {(await here.api.get(f'{address}/findings')).json()}")
    return bool(told["stage"] == stage)


async def _old_set_at_the_outlet(here: Scene) -> None:
    """The outlet sells last year's set already: what is there before a launch is there after one that fails."""
    last_year = {"name": "First light set (last year's)", "sku": "FIRST-LIGHT", "regular_price": "24.90"}
    key = (os.environ["WOO_KEY"], os.environ["WOO_SECRET"])
    address = "/woocommerce/outlet/wp-json/wc/v3/products"
    (await here.sandbox.post(address, json=last_year, auth=key)).raise_for_status()


def _in(duration: timedelta) -> str:
    return (datetime.now(UTC) + duration).isoformat()


def checks(told: list[dict[str, Any]]) -> dict[str, tuple[bool, str]]:
    """By what the windows showed, not by what the hub says of itself."""
    good, bad = told
    live = all(good["windows"]["after"].values()) and not any(good["windows"]["before"].values())
    was, height, now = (bad["windows"][at] for at in ("before", "at the height", "after"))
    return {
        "a_launch_is_live_everywhere": (live and good["outcome"] == "live", f"{good['outcome']}: {good['windows']}"),
        "nothing_was_seen_before_its_moment": (not good["leaks"] + bad["leaks"], f"{good['leaks'] + bad['leaks']}"),
        "a_failed_launch_is_taken_back": (
            bad["outcome"] == "restored" and was == now and was != height, f"{bad['outcome']}: {bad['windows']}",
        ),
    }  # fmt: skip


def metrics(told: list[dict[str, Any]]) -> dict[str, float]:
    """The figures of both, where they were played."""
    if not told:
        return {}
    good, bad = told
    return {
        "launch_skew_ms": good["skew_ms"],
        "launch_platform_delay_ms": good["platform_delay_ms"],
        "failed_launch_exposed_ms": bad["exposed_ms"],
    }


def show(console: Console, told: list[dict[str, Any]]) -> None:
    """What buyers saw on each channel."""
    for launch in told:
        table = Table(title=f"Launch of {launch['name']}: {launch['outcome']}{_measured(launch)}")
        for name in ("channel", *launch["windows"], "why it failed"):
            table.add_column(name, overflow="fold")
        failed = {one["channel"]: one["failed"] for one in launch["channels"]}
        for channel in CHANNELS:
            shown = [_cell(windows[channel]) for windows in launch["windows"].values()]
            table.add_row(channel, *shown, failed.get(channel, ""))
        console.print(table)


def _measured(launch: dict[str, Any]) -> str:
    skew, exposed = launch["skew_ms"], launch["exposed_ms"]
    return f", skew {skew} ms" if skew is not None else f", exposed {exposed} ms" if exposed is not None else ""


def _cell(shown: Offered | None) -> str:
    return f"{shown.title}\n{shown.price}" if shown else "[dim]nothing[/]"
