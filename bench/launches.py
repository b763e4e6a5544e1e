"""Launches on four connections: how far apart channels go live, how long a failure shows, and what it all costs."""

from __future__ import annotations

import itertools
import secrets
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.catalog import install, many_products
from bench.stage import Scene, scene, until
from connectors.woocommerce.connector import WooConfig
from db import channel_forms, connections
from domain.catalog.form import ChannelForm
from runtime.media import read_media
from runtime.temporal import connect
from sandbox.amazon.gateway import RATES
from workflows.names import product_launch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from runtime.settings import Settings

SHOPS = ("launch-a", "launch-b")
WOO, AMAZON = "launch-woo", "amazon-us"
CHANNELS = (*SHOPS, WOO, AMAZON)
LATENCY_S = 0.05
VISIBLE_AFTER_S = 1.0
"""Between Amazon's yes and what buyers see."""
ROUNDS, FAILED_ROUNDS, PRODUCTS_A_ROUND = 12, 4, 5
SAMPLE, MANY = 100, 500
PATIENCE_S = 280
SHOPIFY_FORM = ChannelForm.model_validate(
    {
        "version": "bench-1", "currencies": ["EUR"],
        "fields": {"title": "title", "descriptionHtml": "description", "vendor": "brand"},
        "variants": {"barcode": "gtin"}, "media": {"least": 1},
    }
)  # fmt: skip
WOO_FORM = ChannelForm.model_validate(
    {
        "version": "bench-1", "currencies": ["EUR"], "fields": {"name": "title", "description": "description"},
        "media": {"least": 1},
    }
)  # fmt: skip
AMAZON_FORM = ChannelForm.model_validate(
    {
        "version": "bench-1", "currencies": ["USD"], "kind": {"value": "PRODUCT"},
        "fields": {
            "item_name": "title", "brand": "brand",
            "product_description": {"from": "description", "transform": "plain"},
            "bullet_point": {"value": ["Plain"]}, "condition_type": {"value": "new_new"},
        },
        "media": {"least": 1},
    }
)  # fmt: skip
FORMS = {**dict.fromkeys(SHOPS, SHOPIFY_FORM), WOO: WOO_FORM, AMAZON: AMAZON_FORM}
Calls = list[dict[str, Any]]


async def run(settings: Settings, say: Callable[[str], None]) -> dict[str, float]:
    """Skew and exposure at 50 ms of platform latency, then the cost of a hundred products, then five hundred at once."""
    async with scene(settings, say=say) as here:
        await _furnish(here)
        shirts = iter(await _shirts(here))
        skewed = await _rounds(here, shirts)
        say(f"{ROUNDS} launches of {PRODUCTS_A_ROUND} products went live on {len(CHANNELS)} channels")
        exposed = await _failures(here, shirts)
        say(f"{FAILED_ROUNDS} launches failed at the last channel and were taken back")
        cost = await _sample(here, shirts)
        say(f"the calls of {SAMPLE} products are counted")
        many = await _many(here, shirts)
        say(f"{MANY} products are live on {len(CHANNELS)} channels")
    return skewed | exposed | cost | many


# ---- the four connections


async def _furnish(here: Scene) -> None:
    """Two Shopify shops and a WooCommerce shop of their own; Amazon is the stage's seller."""
    for name in SHOPS:
        await _open_shop(here, name)
    await _open_woo(here)
    await here.sandbox.post("/control/amazon/settings", json={"visible_after": VISIBLE_AFTER_S})

    def work(tx: Connection) -> None:
        for name, form in FORMS.items():
            channel_forms.add(tx, name, form, by="bench", now=datetime.now(UTC))
            channel_forms.activate(tx, name, form.version, now=datetime.now(UTC))

    await here.hub.database.write(work)


async def _open_shop(here: Scene, name: str) -> None:
    token, secret = secrets.token_hex(8), secrets.token_hex(8)
    shop = {
        "name": name,
        "token": token,
        "secret": secret,
        "currency": "EUR",
        "locations": [{"id": 1, "name": "Berlin"}],
    }
    (await here.sandbox.post("/control/shopify/shops", json=shop)).raise_for_status()
    config = {
        "shop_domain": f"{name}.myshopify.com", "access_token": token, "client_secrets": [secret],
        "base_url": f"{here.stack.settings.sandbox_url}/shopify/{name}",
    }  # fmt: skip
    await _connect(here, name, "shopify", config)


async def _open_woo(here: Scene) -> None:
    shop = {"name": WOO, "consumer_key": f"ck_{secrets.token_hex(8)}", "consumer_secret": f"cs_{secrets.token_hex(8)}"}
    (await here.sandbox.post("/control/woocommerce/shops", json=shop)).raise_for_status()
    config = {key: shop[key] for key in ("consumer_key", "consumer_secret")} | {
        "base_url": f"{here.stack.settings.sandbox_url}/woocommerce/{WOO}", "currency": "EUR",
    }  # fmt: skip
    await _connect(here, WOO, "woocommerce", config)


async def _connect(here: Scene, name: str, platform: str, config: dict[str, Any]) -> None:
    def work(tx: Connection) -> None:
        now = datetime.now(UTC)
        connections.create(tx, here.hub.keys, name, platform=platform, config=config, now=now)
        connections.change(tx, name, mode="on", starts_at=now)

    await here.hub.database.write(work)


async def _shirts(here: Scene) -> list[str]:
    """Products with one picture that they share: reading pictures is not what is measured."""
    count = (ROUNDS + FAILED_ROUNDS) * PRODUCTS_A_ROUND + SAMPLE + MANY
    picture = f"{here.stack.settings.sandbox_url}/media/shirt-1000x1250.png"
    shirts = [shirt | {"media": [{"url": picture}]} for shirt in many_products(count, variants=1)]
    names = await install(here.hub.database, shirts)
    await read_media(here.hub, names[:1])
    return names


# ---- rounds


async def _rounds(here: Scene, shirts: Iterable[str]) -> dict[str, float]:
    await _slow(here)
    told = [await _launch(here, f"skew-{number}", _some(shirts, PRODUCTS_A_ROUND)) for number in range(ROUNDS)]
    if wrong := [one["id"] for one in told if one["outcome"] != "live"]:
        raise RuntimeError(f"launches that are not live: {wrong}")
    skews = [float(one["skew_ms"]) for one in told]
    return {
        "launch_skew_p50_ms": statistics.median(skews),
        "launch_skew_p95_ms": statistics.quantiles(skews, n=20)[-1],
        "launch_platform_delay_p50_ms": statistics.median(float(one["platform_delay_ms"]) for one in told),
        "launch_leaks": float(sum(len(one["leaks"]) for one in told)),
    }


async def _failures(here: Scene, shirts: Iterable[str]) -> dict[str, float]:
    """Amazon, which goes last, refuses when the others are live."""
    exposed = []
    for number in range(FAILED_ROUNDS):
        refuse = {"kind": "refuse", "platform": "amazon", "operation": "putListingsItem", "probability": 1}
        told = await _launch(
            here, f"failed-{number}", _some(shirts, PRODUCTS_A_ROUND), at_moment=partial(_slow, here, refuse)
        )
        await _slow(here)
        if told["outcome"] != "restored":
            raise RuntimeError(f"{told['id']} ended as {told['outcome']}")
        exposed.append(float(told["exposed_ms"]))
    return {"failed_launch_exposed_p50_ms": statistics.median(exposed), "failed_launch_exposed_max_ms": max(exposed)}


async def _sample(here: Scene, shirts: Iterable[str]) -> dict[str, float]:
    """One batch per channel, so that what is read after a phase's first write is read-back.

    Before the moment's first write the public side is looked at, which must show nothing: those looks stand apart.
    """
    staging: Calls = []

    async def staged() -> None:
        staging.extend(await _calls(here))
        await here.sandbox.delete("/control/calls")

    await here.sandbox.delete("/control/calls")
    await _launch(here, "sample", _some(shirts, SAMPLE), at_moment=staged)
    moment = await _calls(here)
    figures: dict[str, float] = {}
    for platform, account in (("shopify", SHOPS[0]), ("woocommerce", WOO), ("amazon", "")):
        phases = [
            [one for one in calls if (one["platform"], one["account"]) == (platform, account)]
            for calls in (staging, moment)
        ]
        before, after = _read_backs(phases[0]), _read_backs(phases[1])
        figures |= {
            f"launch_api_calls_per_100_products_{platform}": float(sum(len(calls) for calls in phases)),
            f"launch_read_backs_per_100_products_{platform}": float(before + after),
            f"launch_looks_for_leaks_per_100_products_{platform}": float(
                sum(one["reads"] for one in phases[1]) - after
            ),
            f"launch_cost_points_per_100_products_{platform}": sum(one["points"] for calls in phases for one in calls),
        }
    return figures


def _read_backs(calls: Calls) -> int:
    """Reads after the first write; none where nothing is written."""
    return sum(one["reads"] for one in itertools.dropwhile(lambda one: one["reads"], calls))


async def _many(here: Scene, shirts: Iterable[str]) -> dict[str, float]:
    """At Amazon's own limits; its bound is the number of calls that its busiest operation takes."""
    await here.sandbox.post("/control/amazon/settings", json={"visible_after": VISIBLE_AFTER_S, "rate_factor": 1})
    await here.sandbox.delete("/control/calls")
    told = await _launch(here, "many", _some(shirts, MANY))
    calls = await _calls(here)
    bound = _bound_s(calls)
    events = await _history_length(here, "many")
    return {
        "launch_500_seconds": told["seconds"],
        "launch_500_rate_bound_seconds": bound,
        "launch_time_to_rate_bound_ratio": told["seconds"] / bound,
        "launch_throttled_share": sum(one["throttled"] for one in calls) / len(calls),
        "launch_500_live": float(sum(one["counts"].get("live", 0) for one in told["channels"])),
        "launch_500_history_events": float(events),
    }


def _bound_s(calls: Calls) -> float:
    """What the slowest connection's limits allow at best: calls beyond the burst at the rate, points beyond the bucket."""
    at_amazon = Counter(one["operation"] for one in calls if one["platform"] == "amazon" and not one["throttled"])
    bounds = [(count - RATES[name][0]) / RATES[name][1] for name, count in at_amazon.items() if name in RATES]
    points = Counter[str]()
    for one in calls:
        points[one["account"]] += one["points"]
    bounds += [(spent - 20_000) / 1_000 for spent in points.values()]
    hosts = sum(one["platform"] == "woocommerce" for one in calls)
    a_minute = WooConfig.model_fields["calls_per_minute"].default
    bounds.append((hosts - a_minute / 5) / (a_minute * 0.8 / 60))
    return max(bounds)


# ---- one launch


async def _launch(
    here: Scene, name: str, products: list[str], at_moment: Callable[[], Any] | None = None
) -> dict[str, Any]:
    """From its making to its end; `seconds` are those in which the hub had something to do."""
    wish = {
        "id": name, "name": name, "products": products, "channels": CHANNELS, "approvals": 0,
        "go_live_at": _in(timedelta(hours=1)),
    }  # fmt: skip
    begun = datetime.now(UTC)
    (await here.api.post("/launches", json=wish)).raise_for_status()
    address = f"/launches/{name}"
    await until(lambda: _stage(here, address, "embargo"), PATIENCE_S, f"{name} is staged")
    if at_moment is not None:
        await at_moment()
    staged, moment = datetime.now(UTC), datetime.now(UTC) + timedelta(seconds=1)
    (await here.api.post(f"{address}/move", json={"go_live_at": moment.isoformat()})).raise_for_status()
    await until(lambda: _stage(here, address, "over"), PATIENCE_S, f"{name} is over")
    told: dict[str, Any] = (await here.api.get(address)).json()
    seconds = (staged - begun + (datetime.fromisoformat(told["ended_at"]) - moment)).total_seconds()
    return told | {"seconds": seconds}


async def _stage(here: Scene, address: str, stage: str) -> bool:
    told = (await here.api.get(address)).raise_for_status().json()
    if told["stage"] == "blocked":
        raise RuntimeError(f"{address}: {(await here.api.get(f'{address}/findings')).json()[:3]}")
    return bool(told["stage"] == stage)


async def _slow(here: Scene, *more: dict[str, Any]) -> None:
    """Every platform answers after 50 ms."""
    delay = {"kind": "delay", "probability": 1, "seconds": LATENCY_S}
    (await here.sandbox.post("/control/faults", json={"faults": [delay, *more]})).raise_for_status()


async def _calls(here: Scene) -> Calls:
    fields = ("platform", "account", "operation", "reads", "points", "throttled")
    return [dict(zip(fields, one, strict=True)) for one in (await here.sandbox.get("/control/calls")).json()]


async def _history_length(here: Scene, name: str) -> int:
    client = await connect(here.stack.settings)
    return int((await client.get_workflow_handle(product_launch(name)).describe()).history_length)


def _some(shirts: Iterable[str], count: int) -> list[str]:
    return [name for _, name in zip(range(count), shirts, strict=False)]


def _in(duration: timedelta) -> str:
    return (datetime.now(UTC) + duration).isoformat()
