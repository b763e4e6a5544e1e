"""Commands about orders, against a real API: what they print, and how they fail."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from cli.main import exit_code_of
from db.session import Database
from runtime.settings import Settings
from tests.db import world

HEADER = "reference,currency,sku,quantity,unit_price_minor,name,line1,city,country,email\n"
ADA = "Ada Example,1 Sample Street,Berlin,DE,ada@example.com"


@pytest.mark.usefixtures("hub")
def test_imports_a_file_twice_and_makes_every_order_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f"{HEADER}P1,EUR,TEA-1,2,100,{ADA}\nP1,EUR,COFFEE,1,500,{ADA}\nP2,EUR,TEA-1,zwei,100,{ADA}\n")

    codes = [exit_code_of(["orders", "import", str(file)]) for _ in range(2)]

    told = capsys.readouterr().out
    assert codes == [1, 1]
    assert told.count("manual-P1") == 2
    assert "P2 (row 4)" in told
    assert "body.lines.0.quantity" in told
    exit_code_of(["orders", "list"])
    assert capsys.readouterr().out.count("manual-P1") == 1


@pytest.mark.usefixtures("hub")
def test_a_file_names_the_payment_that_the_provider_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "orders.csv"
    header = HEADER.replace("currency,", "currency,payment,payment_reference,")
    file.write_text(f"{header}P1,EUR,authorized,pi_1,TEA-1,2,100,{ADA}\nP2,EUR,pending,pi_2,TEA-1,2,100,{ADA}\n")

    exit_code_of(["orders", "import", str(file)])
    refused = capsys.readouterr().out
    exit_code_of(["orders", "show", "P1", "--json"])

    assert '"pi_1"' in capsys.readouterr().out
    assert "payment_reference" in refused


@pytest.mark.usefixtures("hub")
def test_names_the_columns_that_are_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("reference,currency,sku,colour\n")

    code = exit_code_of(["orders", "import", str(file)])

    told = capsys.readouterr().err
    assert code == 1
    assert "lacks quantity" in told
    assert "has colour" in told


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["orders", "show", "P1"], "manual-P1"),
        (["why", "P1"], "No location has been chosen yet"),
        (["orders", "cancel", "P1", "--preview"], "→"),
        (["orders", "hold", "P1"], "Recorded as fact"),
        (["exceptions", "list"], "Nothing needs a person"),
        (["audit", "verify"], "follow from one another"),
        (["keys", "list"], "admin"),
    ],
)
def test_says_what_became_of_it(
    command: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f"{HEADER}P1,EUR,TEA-1,2,100,{ADA}\n")
    exit_code_of(["orders", "import", str(file)])
    capsys.readouterr()

    code = exit_code_of(command)

    assert says in capsys.readouterr().out
    assert code == 0


@pytest.mark.usefixtures("hub")
def test_why_tells_who_ships_and_that_the_stored_input_decides_alike(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    def decided(tx: Connection) -> None:
        world.found(tx)
        world.stock(tx, "TEE", 1)
        world.route(tx, world.take(tx, world.channel_order(1, TEE=1)))

    database = Database(settings.database_url)
    database.write_now(decided)
    database.close()

    code = exit_code_of(["why", "web-1", "--rerun"])

    told = capsys.readouterr().out
    assert code == 0
    assert "berlin ships 1 unit" in told
    assert "the same winner: yes" in told


def test_says_how_to_start_a_hub_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUTTI_API", "http://127.0.0.1:9")

    code = exit_code_of(["orders", "list"])

    assert code == 1
    assert "tutti up" in capsys.readouterr().err
