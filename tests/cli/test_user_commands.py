"""Commands about users, against a real API; and the first admin's link."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from cli.main import exit_code_of
from runtime.access import first_admin_link
from runtime.settings import Settings


@pytest.mark.usefixtures("hub")
def test_a_user_is_made_promoted_locked_out_and_let_in_again(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [exit_code_of(["users", "add", "Bo Example", "bo@example.com", "--role", "support", "--json"])]
    made = json.loads(capsys.readouterr().out)

    codes.append(exit_code_of(["users", "role", "BO@example.com", "operations"]))
    codes.append(exit_code_of(["users", "disable", made["user"]["id"]]))
    codes.append(exit_code_of(["users", "list"]))
    shown = capsys.readouterr().out
    codes.append(exit_code_of(["users", "disable", "bo@example.com", "--undo"]))
    codes.append(exit_code_of(["users", "link", "bo@example.com"]))

    assert codes == [0] * 6
    assert made["link"]["address"].startswith("http://127.0.0.1:")
    assert "operations" in shown
    assert "disabled" in shown
    assert "/sign-in?code=once_" in capsys.readouterr().out


@pytest.mark.usefixtures("hub")
def test_a_user_that_nobody_is_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code_of(["users", "role", "nobody@example.com", "admin"])

    assert code == 1
    assert "no user with the address nobody@example.com" in capsys.readouterr().err


@pytest.mark.usefixtures("hub")
def test_the_first_admins_link_is_made_while_there_is_no_user(settings: Settings) -> None:
    link = first_admin_link(settings)
    exit_code_of(["users", "add", "Ada Example", "ada@example.com", "--role", "admin"])

    assert link is not None
    assert list(parse_qs(urlsplit(link).query)) == ["code"]
    assert first_admin_link(settings) is None
