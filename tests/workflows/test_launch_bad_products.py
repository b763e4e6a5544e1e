"""What stands against a product is found before anything of it is public: field, channel and remedy; the others wait hidden."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from db import connections
from db.launch_reading import load
from domain.launch.standing import standing
from runtime.settings import Settings
from tests.workflows.launch_api import people
from tests.workflows.launch_stack import SHOPS, LaunchStack, lamp, launch_stack, soon
from tests.workflows.test_product_launch import is_blocked

MISSING = "https://media.example.com/missing.jpg"
NO_PICTURE = "https://media.example.com/control/counters"


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[LaunchStack]:
    async with launch_stack(env.client, settings) as running:
        yield running


@pytest.mark.parametrize(
    ("change", "gate", "field"),
    [
        ({"description": "<p>" + "long " * 40_000 + "</p>"}, "length", "descriptionHtml"),
        ({"media": [{"url": MISSING}]}, "media_file", "media"),
        ({"media": [{"url": NO_PICTURE}]}, "media_file", "media"),
        ({"media": []}, "media_count", "media"),
        ({"category": ""}, "category", "category"),
        ({"state": "draft"}, "lifecycle", "state"),
        (
            {"variants": [{"sku": "lamp-eur", "prices": {"EUR": {"amount_minor": 4900}}, "gtin": "4006381333931"}]},
            "currency", "price",
        ),
    ],
)  # fmt: skip
async def test_a_bad_product_blocks_the_launch_and_nothing_is_half_published(
    stack: LaunchStack, change: dict[str, Any], gate: str, field: str
) -> None:
    good, bad = await stack.product(), await stack.product(**change)
    launch = await stack.launch([good, bad], go_live_at=soon(3600))
    await stack.until(lambda: is_blocked(stack, launch))
    await stack.move(launch, 0.5)
    await stack.until(lambda: is_missed(stack, launch))
    async with people(stack) as by:
        found = (await by.vera.get(f"/launches/{launch}/findings")).json()

    stopping = [one for one in found if one["product"] == bad and one["severity"] == "blocking"]
    shown = [(await stack.shop(name)).get(good, {}) for name in SHOPS]

    assert {one["channel"] for one in stopping if one["gate"] == gate} == set(SHOPS), found
    assert all(field in one["field"] and one["remedy"] for one in stopping if one["gate"] == gate)
    assert not any(one.get("is_public") for one in shown)


async def is_missed(stack: LaunchStack, launch: str) -> bool:
    at = await stack.read(lambda tx: standing(load(tx, launch), soon(0)))
    return bool(at.stage == "missed")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"variants": {"X-1": {"gtin": "4006381333932"}}}, "gtin"),
        ({"category": "nowhere"}, "category"),
        ({"variants": {"X-1": {"components": {"X-1": 1}}}}, "components"),
    ],
)
async def test_what_can_never_be_right_does_not_get_into_the_master(
    stack: LaunchStack, change: dict[str, Any], said: str
) -> None:
    async with people(stack) as by:
        answer: httpx.Response = await by.anna.patch(
            "/products/x", json={"title": "X", "variants": {"X-1": {}}} | change
        )

    assert 400 <= answer.status_code < 500, answer.text
    assert said in answer.text


async def test_an_expired_token_is_told_by_channel_and_remedy_and_nothing_is_public(stack: LaunchStack) -> None:
    product = await stack.product()
    await stack.faults({"kind": "token_expired", "operation": "productSet", "nth": [1]})
    launch = await stack.launch([product], go_live_at=soon(3600))
    await stack.until(lambda: is_blocked(stack, launch))
    async with people(stack) as by:
        (found,) = (await by.vera.get(f"/launches/{launch}/findings")).json()
    shown = [(await stack.shop(name)).get(product, {}).get("is_public") for name in SHOPS]
    await stack.write(lambda tx: connections.resume(tx, found["channel"], now=soon(0)))
    await stack.until_state(launch, "staged")

    assert (found["gate"], found["field"], found["severity"]) == ("connection", "credentials", "blocking")
    assert found["channel"] in SHOPS
    assert f"tutti connections resume {found['channel']}" in found["remedy"]
    assert not any(shown)


def test_the_lamp_itself_is_good() -> None:
    assert lamp("x").variants[0].gtin == "4006381333931"
