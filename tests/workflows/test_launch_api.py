"""Launches as people make and decide them over the API, on a real run between simulated shops."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from db import connections, items, locations
from db.inventory_queries import levels
from db.launches import REHEARSES_AS
from db.ledger import verify
from db.restock import receive
from domain.location import Location, LocationProfile
from runtime.settings import Settings
from tests.workflows.launch_api import people
from tests.workflows.launch_stack import SHOPS, LaunchStack, launch_stack, soon

_NUMBER = itertools.count(1)
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[LaunchStack]:
    async with launch_stack(env.client, settings) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def by(stack: LaunchStack) -> AsyncIterator[SimpleNamespace]:
    async with people(stack) as clients:
        yield clients


async def made(stack: LaunchStack, by: SimpleNamespace, products: list[str], **asked: Any) -> str:
    """By Anna, to go live in an hour."""
    wish = {
        "id": f"A{next(_NUMBER)}", "name": "Autumn", "products": products, "channels": list(SHOPS), "approvals": 0,
        "go_live_at": (soon(3600)).isoformat(),
    } | asked  # fmt: skip
    answer = await by.anna.post("/launches", json=wish)
    assert answer.status_code == 201, answer.text
    stack.made.append(str(wish["id"]))
    return str(wish["id"])


async def staged(stack: LaunchStack, by: SimpleNamespace, **asked: Any) -> str:
    launch = await made(stack, by, [await stack.product()], **asked)
    await stack.until_state(launch, "staged")
    return launch


async def told(by: SimpleNamespace, launch: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await by.vera.get(f"/launches/{launch}")).json()
    return shown


async def do(by: SimpleNamespace, launch: str, action: str, **body: Any) -> dict[str, Any]:
    answer = await by.anna.post(f"/launches/{launch}/{action}", json=body or None)
    assert answer.status_code in {200, 201}, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def now(by: SimpleNamespace, launch: str) -> None:
    await do(by, launch, "move", go_live_at=soon(0.7).isoformat())


async def test_two_people_approve_and_whoever_made_it_cannot(stack: LaunchStack, by: SimpleNamespace) -> None:
    launch = await staged(stack, by, approvals=1)

    own = await by.anna.post(f"/launches/{launch}/approve")
    other = await by.ben.post(f"/launches/{launch}/approve", json={"content": "0123456789abcdef"})
    late = await by.ben.post(f"/launches/{launch}/approve", headers={"If-Match": '"0"'})
    viewer = await by.vera.post(f"/launches/{launch}/approve")
    offered = (await by.ben.get(f"/launches/{launch}")).json()["allowed"]
    yes = await by.ben.post(f"/launches/{launch}/approve")
    twice = await by.ben.post(f"/launches/{launch}/approve")
    await now(by, launch)

    assert (own.status_code, own.json()["code"]) == (409, "four_eyes")
    assert (other.status_code, other.json()["code"]) == (409, "content_changed")
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert viewer.status_code == 403
    assert "approve" in offered
    assert (yes.status_code, yes.json()["approved_by"]) == (200, ["ben"])
    assert twice.json()["code"] == "approved_already"
    assert await stack.outcome(launch) == "live"


async def test_a_paused_launch_misses_its_moment_and_waits_for_another(stack: LaunchStack, by: SimpleNamespace) -> None:
    launch = await staged(stack, by)
    await do(by, launch, "pause")
    await now(by, launch)

    await stack.until(lambda: _is(by, launch, "missed"))
    await stack.until(lambda: _is_raised(by, "launch_missed"))
    await do(by, launch, "move", go_live_at=soon(1.5).isoformat())
    resumed = await do(by, launch, "resume")

    assert resumed["paused"] is False
    assert await stack.outcome(launch) == "live"


async def _is_raised(by: SimpleNamespace, kind: str) -> bool:
    return kind in {one["kind"] for one in (await by.anna.get("/exceptions")).json()}


async def _is(by: SimpleNamespace, launch: str, stage: str) -> bool:
    return bool((await told(by, launch))["stage"] == stage)


async def test_a_channel_is_added_and_another_dropped_before_the_barrier(
    stack: LaunchStack, by: SimpleNamespace
) -> None:
    product = await stack.product()
    launch = await made(stack, by, [product], channels=["alpha"], approvals=1)
    await stack.until_state(launch, "staged")
    await by.ben.post(f"/launches/{launch}/approve")

    added = await do(by, launch, "add-channel", channel="beta")
    await do(by, launch, "drop-channel", channel="alpha")
    await stack.until(lambda: _has(stack, launch, {"alpha": "restored", "beta": "staged"}))
    await by.ben.post(f"/launches/{launch}/approve")
    await now(by, launch)

    assert added["approved_by"] == []
    assert await stack.outcome(launch) == "live"
    assert product not in await stack.shop("alpha")
    assert (await stack.shop("beta"))[product]["is_public"]


async def _has(stack: LaunchStack, launch: str, states: dict[str, str]) -> bool:
    return {row.connection_id: row.state for row in await stack.listings(launch)} == states


async def test_cancel_takes_everything_back_and_says_so(stack: LaunchStack, by: SimpleNamespace) -> None:
    launch = await staged(stack, by)

    await do(by, launch, "cancel")
    outcome = await stack.outcome(launch)
    again = await by.anna.post(f"/launches/{launch}/cancel")

    assert outcome == "canceled"
    assert (again.status_code, again.json()["code"]) == (409, "launch_over")
    assert (await told(by, launch))["allowed"] == []


async def test_a_dry_run_does_everything_but_write(stack: LaunchStack, by: SimpleNamespace) -> None:
    product = await stack.product()
    launch = await made(stack, by, [product], mode="dry_run")
    await stack.until_state(launch, "staged")
    await now(by, launch)

    assert await stack.outcome(launch) == "rehearsed"
    assert [product in await stack.shop(name) for name in SHOPS] == [False, False]


async def test_a_rehearsal_writes_to_the_stand_in_only(stack: LaunchStack, by: SimpleNamespace) -> None:
    await stack.write(lambda tx: connections.change(tx, "alpha", settings={REHEARSES_AS: "beta"}))
    product = await stack.product()
    launch = await made(stack, by, [product], channels=["alpha"])
    rehearsal = f"{launch}-r"

    await do(by, launch, "rehearse", id=rehearsal, go_live_at=soon(2).isoformat())
    stack.made.append(rehearsal)
    outcome = await stack.outcome(rehearsal)

    assert outcome == "live"
    assert (await stack.shop("beta"))[product]["is_public"]
    assert not (await stack.shop("alpha"))[product]["is_public"]


async def test_a_named_minimum_stands_without_the_channel_that_failed(stack: LaunchStack, by: SimpleNamespace) -> None:
    product = await stack.product()
    launch = await made(stack, by, [product], policy={"at_least": 1, "must": []})
    await stack.until_state(launch, "staged")
    await stack.faults({"kind": "refuse", "operation": "publicationUpdate", "nth": [1]})
    await now(by, launch)

    outcome = await stack.outcome(launch)
    public = [(await stack.shop(name)).get(product, {}).get("is_public", False) for name in SHOPS]

    assert outcome == "live_in_part"
    assert sorted(public) == [False, True]


async def test_what_is_edited_after_staging_is_staged_and_approved_anew(
    stack: LaunchStack, by: SimpleNamespace
) -> None:
    product = await stack.product()
    launch = await made(stack, by, [product], approvals=1)
    await stack.until_state(launch, "staged")
    seen = (await told(by, launch))["content"]
    await by.ben.post(f"/launches/{launch}/approve", json={"content": seen})

    await by.anna.patch(f"/products/{product}", json={"title": "Lamp, second thoughts"})
    after = await told(by, launch)
    early = await by.ben.post(f"/launches/{launch}/approve")
    await stack.until_state(launch, "staged")
    titles = {name: (await stack.shop(name))[product]["title"] for name in SHOPS}
    refused = await told(by, launch)
    stale = await by.ben.post(f"/launches/{launch}/approve", json={"content": seen})
    await by.ben.post(f"/launches/{launch}/approve", json={"content": refused["content"]})
    await now(by, launch)

    assert (after["approved_by"], after["void_approvals"], after["content"]) == ([], ["ben"], "")
    assert early.json()["code"] == "not_staged"
    assert (stale.status_code, stale.json()["code"]) == (409, "content_changed")
    assert refused["content"] not in {"", seen}
    assert titles == dict.fromkeys(SHOPS, "Lamp, second thoughts")
    assert refused["stage"] == "awaiting_approval"
    assert await stack.outcome(launch) == "live"


async def test_stock_is_held_until_the_moment_and_shown_on_what_is_staged(
    stack: LaunchStack, by: SimpleNamespace
) -> None:
    product = await stack.product()
    sku = f"{product}-1"
    await stack.write(lambda tx: _shelf(tx, sku, 5))
    launch = await made(stack, by, [product], reserve={sku: 8})
    await stack.until(lambda: _is(by, launch, "blocked"))
    short = (await by.vera.get(f"/launches/{launch}/findings")).json()
    await stack.write(lambda tx: receive(tx, f"more:{sku}", sku, "BER", 10, at=soon(0)))
    await do(by, launch, "recheck")
    await stack.until_state(launch, "staged")
    shown = (await stack.shop("alpha"))[product]["variants"][sku]["stock"]
    (free,) = await stack.read(lambda tx: levels(tx, item_id=sku))
    await now(by, launch)
    outcome = await stack.outcome(launch)
    (after,) = await stack.read(lambda tx: levels(tx, item_id=sku))

    assert ("stock", "5 of 8 units are reserved for the launch") in {(one["gate"], one["text"]) for one in short}
    assert shown == {"71001": 8}
    assert (free.reserved, after.reserved) == (8, 0)
    assert outcome == "live"
    assert await stack.read(verify) == ()


def _shelf(tx: Any, item_id: str, units: int) -> None:
    place = LocationProfile(country="DE", timezone="Europe/Berlin")
    locations.put(tx, Location(id="BER", connection_id="alpha", name="Berlin", kind="warehouse", profile=place))
    for name in SHOPS:
        locations.put_mapping(tx, name, "71001", "BER")
    assert items.find(tx, item_id)
    receive(tx, f"opening:{item_id}", item_id, "BER", units, at=soon(0))


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"go_live_at": "2020-01-01T00:00:00+00:00"}, "moment_in_the_past", "go_live_at"),
        ({"products": ["nowhere"]}, "unknown_product", "products: there is no 'nowhere'"),
        ({"channels": ["nowhere"]}, "unknown_connection", "nowhere"),
        ({"reserve": {"OTHER": 1}}, "unknown_sku", "reserve: OTHER"),
        ({"policy": {"at_least": 9, "must": []}}, "invalid", "policy.at_least"),
        ({"policy": {"at_least": None, "must": ["gamma"]}}, "invalid", "gamma is none of the channels"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused_by_field(
    stack: LaunchStack, by: SimpleNamespace, change: dict[str, Any], code: str, said: str
) -> None:
    wish = {
        "id": f"B{next(_NUMBER)}", "name": "Bad", "products": [await stack.product()], "channels": list(SHOPS),
        "go_live_at": soon(3600).isoformat(),
    }  # fmt: skip

    answer = await by.anna.post("/launches", json=wish | change)

    assert 400 <= answer.status_code < 500, answer.text
    assert code in {answer.json()["code"], "invalid"}
    assert said in answer.text


async def test_a_product_that_another_launch_holds_is_refused_by_name(stack: LaunchStack, by: SimpleNamespace) -> None:
    product = await stack.product()
    first = await made(stack, by, [product])
    wish = {
        "id": f"B{next(_NUMBER)}", "name": "Second", "products": [product], "channels": list(SHOPS),
        "go_live_at": soon(3600).isoformat(),
    }  # fmt: skip

    answer = await by.anna.post("/launches", json=wish)

    assert (answer.status_code, answer.json()["code"]) == (409, "product_held")
    assert f"held by launch {first}" in answer.json()["detail"]
