"""Commands about launches, against a real API: made, looked at, decided; and how they fail."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from api.engine import Engine
from cli.main import exit_code_of
from db import catalog, connections, launches
from db.actors import Actor
from db.desks.launch import LaunchDesk
from db.launch_reading import LISTINGS, row_of
from db.session import Database
from db.words import put_category
from domain.catalog.dictionary import Category
from domain.catalog.product import Product
from domain.launch.approval import Approval
from domain.launch.plan import LaunchPlan
from domain.launch.standing import LaunchRef
from runtime.keys import load_keys
from runtime.settings import Settings

ANNA = Actor(name="anna", role="operations")
CHANNELS = ("alpha", "beta", "sandbox")
LAMP = Product.model_validate(
    {"id": "lamp", "title": "Lamp", "category": "lamps", "variants": [{"sku": "LAMP-1", "gtin": "4006381333931"}]}
)
Write = Callable[[Callable[[Connection], Any]], Any]


@pytest.fixture
def write(hub: None, settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """Two shops and one to rehearse in, and a lamp; approvals are recorded as the launch's run would do it."""
    database, now = Database(settings.database_url), datetime.now(UTC)

    def world(tx: Connection) -> None:
        put_category(tx, Category(id="lamps", name="Lamps"), now=now)
        catalog.put(tx, LAMP, by=catalog.Author("anna", "api"), now=now)
        for name in CHANNELS:
            connections.create(tx, load_keys(settings), name, platform="shopify", config={}, now=now)
            connections.change(tx, name, mode="on", settings={launches.REHEARSES_AS: "sandbox"})

    async def update_run(_engine: Engine, run: str, _name: str, approval: Approval, **_options: str) -> None:
        await LaunchDesk(database).approve(LaunchRef(launch_id=run.rpartition("/")[2], run_no=0), approval)

    monkeypatch.setattr(Engine, "update", update_run)
    database.write_now(world)
    yield database.write_now
    database.close()


def launch(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    """What a command that works says to programs."""
    capsys.readouterr()
    code = exit_code_of(["launch", *command, "--json"])
    told = capsys.readouterr()
    assert code == 0, told.err
    return json.loads(told.out)


def made(capsys: pytest.CaptureFixture[str], name: str = "spring", *more: str, channel: str = "alpha") -> Any:
    return launch(capsys, "create", name, "--at", "+2h", "--product", "lamp", "--channel", channel, *more)


def refusal(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    capsys.readouterr()
    code = exit_code_of(["launch", *command])
    told = capsys.readouterr()
    assert code == 1
    return told.err


def test_a_launch_is_made_paused_resumed_moved_and_canceled(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    first = made(capsys, "spring", "--name", "Spring", "--must", "alpha", "--at-least", "1")
    paused = launch(capsys, "pause", "spring")
    resumed = launch(capsys, "resume", "spring")
    moved = launch(capsys, "move", "spring", "--at", "2099-12-01T09:00:00+01:00")
    canceled = launch(capsys, "cancel", "spring")
    exit_code_of(["launch", "show", "spring"])
    shown = capsys.readouterr().out

    assert (first["name"], first["stage"], first["policy"]) == (
        "Spring",
        "preparing",
        {"at_least": 1, "must": ["alpha"]},
    )
    assert (paused["paused"], resumed["paused"]) == (True, False)
    assert moved["go_live_at"].startswith("2099-12-01T08:00:00")
    assert "cancel" in {event["kind"] for event in canceled["events"]}
    assert "spring" in shown
    assert "alpha" in shown


def test_a_dry_run_and_a_rehearsal_are_launches_of_their_own(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    made(capsys)
    dry = made(capsys, "dry", "--dry-run")
    rehearsal = launch(capsys, "rehearse", "spring", "spring-r", "--at", "+1m")
    listed = launch(capsys, "list", "--open", "--limit", "2")
    rest = launch(capsys, "list", "--open", "--after", listed["next"])

    assert (dry["mode"], rehearsal["mode"]) == ("dry_run", "rehearsal")
    assert [one["channel"] for one in rehearsal["channels"]] == ["sandbox"]
    assert {one["id"] for one in listed["launches"] + rest["launches"]} == {"spring", "dry", "spring-r"}


def test_a_channel_is_added_and_another_dropped(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    made(capsys)
    added = launch(capsys, "add-channel", "spring", "beta")
    dropped = launch(capsys, "drop-channel", "spring", "alpha")
    board = launch(capsys, "board", "spring", "--channel", "beta")

    assert {one["channel"]: one["is_in"] for one in added["channels"]} == {"alpha": True, "beta": True}
    assert {one["channel"]: one["is_in"] for one in dropped["channels"]} == {"alpha": False, "beta": True}
    assert [(one["product_id"], one["state"]) for one in board["listings"]] == [("lamp", "planned")]


def test_another_person_approves_what_is_staged_and_nothing_else(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = LaunchPlan.model_validate(
        {"name": "Spring", "products": ["lamp"], "channels": ["alpha"], "go_live_at": "2099-12-01T09:00:00+00:00"}
    )
    write(lambda tx: launches.create(tx, "spring", plan, by=ANNA, now=datetime.now(UTC)))
    early = refusal(capsys, "approve", "spring")
    write(lambda tx: tx.execute(update(LISTINGS).values(state="staged", content="as it is")))
    other = refusal(capsys, "approve", "spring", "--content", "0123456789abcdef")
    yes = launch(capsys, "approve", "spring", "--content", launch(capsys, "show", "spring")["content"])
    write(lambda tx: tx.execute(update(LISTINGS).values(content="edited")))
    void = launch(capsys, "show", "spring")
    exit_code_of(["launch", "show", "spring"])
    said = capsys.readouterr().out

    assert "not everything is staged yet" in early
    assert "has changed since you looked" in other
    assert (len(yes["approved_by"]), yes["void_approvals"]) == (1, [])
    assert (void["approved_by"], len(void["void_approvals"])) == ([], 1)
    assert "counts no more" in said


def test_findings_are_told_and_looked_at_again(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    made(capsys)
    finding = {
        "gate": "gtin", "channel": "alpha", "field": "gtin", "sku": "LAMP-1", "severity": "blocking",
        "text": "it is missing", "remedy": "fill it in",
    }  # fmt: skip
    write(lambda tx: tx.execute(update(LISTINGS).values(blocked=True, findings=[finding])))
    found = launch(capsys, "findings", "spring")
    again = launch(capsys, "recheck", "spring")
    blocked = write(lambda tx: list(tx.execute(select(LISTINGS.c.blocked)).scalars()))

    assert [(one["field"], one["channel"], one["remedy"]) for one in found] == [("gtin", "alpha", "fill it in")]
    assert "recheck" in {event["kind"] for event in again["events"]}
    assert blocked == [False]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            ("create", "x", "--at", "2020-01-01T00:00:00Z", "--product", "lamp", "--channel", "alpha"),
            "choose a later one",
        ),
        (("create", "x", "--at", "tomorrow", "--product", "lamp", "--channel", "alpha"), "--at: 'tomorrow' is no time"),
        (("create", "x", "--at", "2099-01-01T00:00:00", "--product", "lamp", "--channel", "alpha"), "say the zone"),
        (("create", "x", "--at", "+1h", "--product", "lamp", "--channel", "alpha", "--reserve", "S"), "SKU=UNITS"),
        (("create", "x", "--at", "+1h", "--product", "lamp", "--channel", "nowhere"), "nowhere"),
        (("create", "x", "--at", "+1h", "--product", "mug", "--channel", "alpha"), "there is no 'mug'"),
        (("show", "nowhere"), "list the launches to find its id"),
    ],
)
def test_what_cannot_be_is_refused_with_its_remedy(
    write: Write, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], said: str
) -> None:
    assert said in refusal(capsys, *command)
    with pytest.raises(Exception, match="there is no launch 'x'"):
        write(lambda tx: row_of(tx, "x"))
