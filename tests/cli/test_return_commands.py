"""Commands about returns, against a real API: opened, received, inspected, decided, reported; and how they fail."""

import json
from datetime import UTC, datetime

import pytest

from cli.main import exit_code_of
from db import connections
from db.intake import take_order
from db.reports import record_report
from db.session import Database
from db.vault import Vault
from domain.fulfillment import FulfillmentReport
from runtime.keys import load_keys
from runtime.settings import Settings
from tests.db import world


@pytest.fixture
def order(hub: None, settings: Settings) -> str:
    """Three T-shirts that reached their buyer today."""
    database, vault = Database(settings.database_url), Vault(load_keys(settings))
    now = datetime.now(UTC)

    def work(tx) -> str:
        world.found(tx)
        world.stock(tx, "TEE", 5)
        placed = world.channel_order(1, TEE=3).model_copy(update={"placed_at": now, "updated_at": now})
        order_id = take_order(tx, vault, connections.load(tx, "web"), placed, now, "test").order_id
        for f_id in world.route(tx, order_id):
            report = FulfillmentReport(key="shipped", kind="shipped", reference=f_id, at=now)
            record_report(tx, report, connection_id="store", source="test", now=now)
        return order_id

    made: str = database.write_now(work)
    database.close()
    return made


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """What a command that works prints."""
    capsys.readouterr()
    code = exit_code_of(["returns", *command])
    told = capsys.readouterr()
    assert code == 0, told.err
    return told.out


def test_a_return_goes_its_way_by_commands(order: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, "lookup", "#1")
    opened = said(capsys, "open", order, "--line", "L1=2", "--reason", "too_big", "--method", "in_store")
    rma = f"{order}-R1"
    said(capsys, "receive", rma, "TEE", "2", "--location", "berlin")
    said(capsys, "inspect", rma, "L1", "TEE", "2", "--grade", "new")
    shown = json.loads(said(capsys, "show", rma, "--json"))

    assert "3 may come back" in found
    assert rma in opened
    assert (shown["lines"][0]["received"], shown["lines"][0]["accepted"]) == (2, 2)
    assert [each["id"] for each in json.loads(said(capsys, "list", "--json"))] == [rma]
    assert "too_big" in said(capsys, "report")


def test_a_return_can_be_withdrawn(order: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "open", order, "--line", "L1=1")

    said(capsys, "withdraw", f"{order}-R1")

    shown = json.loads(said(capsys, "show", f"{order}-R1", "--json"))
    assert [duty["kind"] for duty in shown["duties"] if duty["kind"] == "close"] == ["close"]
    assert "released" in [entry["kind"] for entry in shown["goods"]]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["open", "ORDER", "--line", "L1=4"], "3 shipped"),
        (["open", "ORDER", "--line", "L1"], "write it like L1=2"),
        (["open", "nobody-1", "--line", "L1=1"], "nobody-1"),
        (["show", "nothing-R1"], "nothing-R1"),
        (["receive", "nothing-R1", "TEE", "1", "--location", "berlin"], "nothing-R1"),
    ],
)
def test_what_cannot_be_is_said_with_its_cause(
    order: str, command: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code_of(["returns", *(order if word == "ORDER" else word for word in command)])

    told = capsys.readouterr()
    assert code != 0
    assert says in told.err + told.out
