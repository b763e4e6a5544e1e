"""The key of the operator's own commands."""

import stat

import pytest

from db import api_keys
from db.migrate import upgrade
from db.session import Database
from runtime.access import make_api_key, make_operator_token, operator_token
from runtime.settings import Settings


@pytest.fixture
def installed(settings: Settings) -> Settings:
    settings.var.mkdir()
    upgrade(settings.database_url)
    make_operator_token(settings)
    return settings


def role_of(settings: Settings, token: str | None) -> str | None:
    database = Database(settings.database_url)
    try:
        key = database.read_now(lambda tx: api_keys.find(tx, token or ""))
        return key and key.role
    finally:
        database.close()


def test_commands_on_this_machine_have_a_key_in_force(installed: Settings) -> None:
    assert role_of(installed, operator_token(installed)) == "admin"
    assert stat.S_IMODE((installed.var / "api.key").stat().st_mode) == 0o600


def test_a_second_start_makes_no_second_key(installed: Settings) -> None:
    before = operator_token(installed)

    make_operator_token(installed)

    assert operator_token(installed) == before


def test_a_key_that_the_database_does_not_know_is_replaced(installed: Settings) -> None:
    (installed.var / "api.key").write_text("tutti_of_another_database")

    make_operator_token(installed)

    assert role_of(installed, operator_token(installed)) == "admin"


def test_the_first_key_for_a_person_is_made_without_one(installed: Settings) -> None:
    assert role_of(installed, make_api_key(installed, "Jo", "support")) == "support"
