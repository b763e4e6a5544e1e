"""Connections over the API: made, opened, paused, never giving a secret away."""

from importlib import metadata
from typing import ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors import registry
from connectors.contract import Access, RemoteLocation, RemoteStock
from connectors.errors import NotAuthorizedError
from runtime.wiring import Hub
from tests.db import world

SECRET = "hush-hush"


class FakeConfig(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: SecretStr
    webhook_secrets: tuple[SecretStr, ...] = Field(default=())


class FakePlatform:
    """A platform with two places and some stock; `topics` are those that it was asked to send."""

    platform: ClassVar[str] = "fake"
    Config: ClassVar[type[BaseModel]] = FakeConfig

    def __init__(self) -> None:
        self.topics: tuple[str, ...] = ()
        self.refuses = False

    async def check(self) -> Access:
        if self.refuses:
            raise NotAuthorizedError("the token is refused")
        return Access(account="Fake Inc.")

    async def locations(self) -> tuple[RemoteLocation, ...]:
        return (
            RemoteLocation(external_id="1", name="BERLIN"),
            RemoteLocation(external_id="2", name="Pop-up", country="DE", postal_code="20095"),
        )

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        numbers = {"TEE": 7, "NEW": 3, "SET": 1, "no good id": 2}
        return tuple(
            RemoteStock(item_external_id=f"i-{sku}", sku=sku, location_external_id="1", available=units)
            for sku, units in numbers.items()
        )

    async def subscribe(self, address: str) -> tuple[str, ...]:
        self.topics = ("orders",)
        return self.topics

    async def missing_subscriptions(self, address: str) -> tuple[str, ...]:
        return () if self.topics else ("orders",)


@pytest.fixture
def platform(hub, monkeypatch):
    fake = FakePlatform()

    async def connector(connection_id: str):
        return fake

    monkeypatch.setattr(hub, "connector", connector)
    registry.installed.cache_clear()
    original = metadata.entry_points
    monkeypatch.setattr(registry, "entry_points", lambda group: [_Point("fake", FakePlatform), *original(group=group)])
    yield fake
    registry.installed.cache_clear()


class _Point:
    def __init__(self, name: str, found: type) -> None:
        self.name = name
        self._found = found

    def load(self) -> type:
        return self._found


@pytest.fixture
async def fake(clients, hub: Hub, platform: FakePlatform) -> FakePlatform:
    hub.database.write_now(world.found)
    body = {"id": "fake-eu", "platform": "fake", "config": {"token": SECRET, "webhook_secrets": ["old"]}}
    (await clients.admin.post("/connections", json=body)).raise_for_status()
    location = {
        "name": "Berlin", "kind": "3pl", "connection_id": "fake-eu", "profile": {"country": "DE", "timezone": "Europe/Berlin"},
    }  # fmt: skip
    (await clients.admin.put("/locations/berlin", json=location)).raise_for_status()
    return platform


async def test_no_answer_holds_a_secret(clients, fake):
    answers = [
        await clients.admin.get("/connections"),
        await clients.admin.get("/connections/fake-eu"),
        await clients.admin.get("/connections/fake-eu/config"),
        await clients.admin.get("/audit"),
    ]

    assert [SECRET in answer.text for answer in answers] == [False] * 4
    assert answers[2].json()["token"] == "**********"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, "config.token: Field required"),
        ({"token": SECRET, "tokn": SECRET}, "config.tokn: Extra inputs"),
    ],
)
async def test_a_configuration_that_is_wrong_names_the_field_and_repeats_no_value(clients, platform, config, says):
    answer = await clients.admin.post("/connections", json={"id": "bad", "platform": "fake", "config": config})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_config")
    assert says in answer.json()["detail"]
    assert SECRET not in answer.text


async def test_an_unknown_platform_is_refused_with_those_that_are_installed(clients, platform):
    answer = await clients.admin.post("/connections", json={"id": "x", "platform": "nope"})

    assert answer.status_code == 422
    assert ", ".join(sorted(registry.installed())) in answer.json()["detail"]


async def test_a_connection_is_opened_step_by_step(clients, fake):
    before = (await clients.viewer.get("/connections/fake-eu/onboarding")).json()
    too_early = await clients.admin.put("/connections/fake-eu/mode", json={"mode": "on"})
    await clients.admin.post("/connections/fake-eu/webhooks", json={"hub_url": "https://hub.example"})
    await clients.admin.put("/connections/fake-eu/mode", json={"mode": "shadow"})
    unready = await clients.admin.put("/connections/fake-eu/mode", json={"mode": "on"})
    mappings = {"places": {"1": "berlin", "2": ""}, "tenders": {"fake_pay": "card"}}
    await clients.operations.put("/connections/fake-eu/mappings", json=mappings)
    ready = await clients.admin.put("/connections/fake-eu/mode", json={"mode": "on"})

    assert {step["name"]: step["done"] for step in before["steps"]} == {
        "credentials": True, "webhooks": False, "locations": False, "running": True,
    }  # fmt: skip
    assert (too_early.status_code, too_early.json()["code"]) == (409, "shadow_first")
    assert (unready.status_code, "2 (Pop-up)" in unready.text or "0 of 2" in unready.text) == (409, True)
    assert (ready.status_code, ready.json()["mode"]) == (200, "on")
    assert ready.json()["settings"]["tenders"] == {"fake_pay": "card"}
    assert ready.json()["settings"]["webhook_address"] == "https://hub.example/webhooks/fake-eu"
    assert ready.json()["starts_at"] is not None


async def test_a_place_is_suggested_by_its_name(clients, fake):
    places = (await clients.viewer.get("/connections/fake-eu/places")).json()

    assert [(place["external_id"], place["suggestion"]) for place in places] == [("1", "berlin"), ("2", None)]


async def test_refused_credentials_are_a_step_that_is_not_done(clients, fake):
    fake.refuses = True
    first = (await clients.viewer.get("/connections/fake-eu/onboarding")).json()["steps"][0]

    assert (first["name"], first["done"], first["text"]) == ("credentials", False, "the token is refused")


async def test_opening_stock_is_taken_over_once(clients, fake):
    await clients.operations.put("/connections/fake-eu/mappings", json={"places": {"1": "berlin", "2": ""}})

    async def outcomes(**body) -> dict[str, str]:
        answer = await clients.operations.post("/connections/fake-eu/opening-stock", json=body)
        return {number["sku"]: number["outcome"] for number in answer.json()}

    assert await outcomes() == {
        "TEE": "imported", "NEW": "unknown_sku", "SET": "bundle", "no good id": "unknown_sku",
    }  # fmt: skip
    assert await outcomes(make_items=True) == {
        "TEE": "already", "NEW": "imported", "SET": "bundle", "no good id": "unknown_sku",
    }  # fmt: skip
    levels = (await clients.viewer.get("/inventory/levels")).json()["levels"]
    assert {level["item_id"]: level["on_hand"] for level in levels} == {"NEW": 3, "TEE": 7}


async def test_a_new_webhook_secret_leaves_the_old_one_for_a_while(clients, fake):
    answer = await clients.admin.post("/connections/fake-eu/webhook-secret", json={"secret": "new"})
    shown = (await clients.admin.get("/connections/fake-eu/config")).json()

    assert answer.status_code == 200
    assert shown["webhook_secrets"] == ["**********", "**********"]


async def test_a_pause_is_seen_and_ended(clients, fake):
    paused = await clients.operations.post("/connections/fake-eu/pause", json={"reason": "moving house"})
    exceptions = (await clients.viewer.get("/exceptions")).json()
    resumed = await clients.operations.post("/connections/fake-eu/resume")

    assert paused.json()["pause_reason"] == "moving house"
    assert [found["cause"] for found in exceptions] == ["paused:fake-eu"]
    assert resumed.json() == {"orders": 0}
    assert (await clients.viewer.get("/exceptions")).json() == []


async def test_all_writes_are_stopped_and_started(clients, fake):
    stopped = await clients.operations.post("/switches/all/stop", json={"reason": "stocktaking"})
    await clients.operations.post("/switches/all/start")
    switches = (await clients.viewer.get("/switches")).json()

    assert [(switch["name"], switch["on"]) for switch in stopped.json()] == [("all", True)]
    assert [switch["on"] for switch in switches] == [False]


async def test_only_admins_make_connections(clients, platform):
    assert (await clients.operations.post("/connections", json={"id": "x", "platform": "fake"})).status_code == 403
