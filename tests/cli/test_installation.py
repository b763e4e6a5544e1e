"""The commands that set an installation up, as a person types them."""

from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.hub import read
from db import connections
from runtime.errors import OperatorError

FILE = """
connections: {store: {platform: store}}
locations: {shop: {name: Shop, kind: store, connection: store, profile: {country: DE, timezone: Europe/Berlin}}}
items: {TEE: {title: T-shirt}, MUG: {title: Mug}, SET: {title: Set, components: {TEE: 1, MUG: 1}}}
stock: {shop: {TEE: 5}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUTTI_VAR", str(tmp_path))
    (tmp_path / "tutti.yaml").write_text(FILE)
    return tmp_path


def tutti(command: str, *arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(import_module(f"cli.{command}").app, [str(argument) for argument in arguments])
    if isinstance(result.exception, OperatorError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def test_a_file_is_applied_once_and_a_change_is_shown_first(folder):
    path = folder / "tutti.yaml"
    tutti("apply", path)
    again = tutti("apply", path)
    path.write_text(FILE.replace("T-shirt", "Shirt"))
    shown = tutti("apply", path, "--dry-run")
    changed = tutti("apply", path)

    assert again.output == "6 same\n"
    assert "~ item TEE" in shown.output
    assert shown.output == changed.output
    assert "title: 'T-shirt' → 'Shirt'" in changed.output


def test_a_refused_entry_makes_the_exit_code_1(folder):
    path = folder / "tutti.yaml"
    path.write_text(FILE.replace("connection: store", "connection: nobody"))

    assert "! location shop" in tutti("apply", path, code=1).output


def test_stock_is_received_counted_and_verified(folder):
    tutti("apply", folder / "tutti.yaml")
    tutti("stock", "receive", "TEE", "shop", 3, "--key", "a")
    tutti("stock", "receive", "TEE", "shop", 3, "--key", "a")
    tutti("stock", "count", "MUG", "shop", 4)

    assert [line.split()[3] for line in tutti("stock", "levels").output.splitlines()[1:]] == ["4", "8"]
    assert "every balance" in tutti("stock", "verify").output


def test_a_file_of_counts_has_an_outcome_per_row_and_books_once(folder):
    tutti("apply", folder / "tutti.yaml")
    counts = folder / "counts.csv"
    counts.write_text("item,location,quantity\nTEE,shop,9\nNOPE,shop,1\nSET,shop,1\nMUG,shop,many\n")
    first, again = (tutti("stock", "import", counts, code=1).output for _ in range(2))

    assert [line.split()[1] for line in first.splitlines() if line[0].isdigit()] == [
        "booked", "refused:", "refused:", "refused:",
    ]  # fmt: skip
    assert "booked already" in again


def test_a_connection_goes_through_shadow(folder):
    tutti("apply", folder / "tutti.yaml")
    with pytest.raises(OperatorError, match="shadow"):
        tutti("connections", "on", "store")
    tutti("connections", "shadow", "store")
    tutti("connections", "on", "store")

    assert tutti("connections", "list").output.splitlines()[1].split()[:3] == ["store", "store", "on"]


def test_a_paused_connection_is_not_ready(folder):
    tutti("apply", folder / "tutti.yaml")
    tutti("connections", "pause", "store", "--reason", "moving")
    report = tutti("connections", "check", "store", code=1)
    tutti("connections", "resume", "store")

    assert "tutti connections resume store" in report.output
    tutti("connections", "check", "store")


def test_means_of_payment_are_mapped_to_tenders(folder):
    tutti("apply", folder / "tutti.yaml")
    tutti("connections", "map", "store", "--tender", "till_card=card", "--tender", "voucher=gift_card")

    row = read(lambda tx: connections.load(tx, "store"))
    assert row.settings["tenders"] == {"till_card": "card", "voucher": "gift_card"}


def test_a_sku_is_mapped(folder):
    tutti("apply", folder / "tutti.yaml")

    assert tutti("items", "map", "SHIRT", "TEE").output == "SHIRT is TEE; 0 orders go on\n"
    assert "SHIRT" in tutti("items", "list", "--search", "shirt").output
