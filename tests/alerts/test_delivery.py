"""Alerts reach mailboxes and chats: none is lost, and one that is told twice says that it is the same."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db import alert_rules, alerts, connections
from domain.alerts import KINDS, AlertRule, AlertRules
from runtime.alerts import Alerts
from tests.alerts.conftest import Chat, Post
from tests.publication.merchant import Merchant

RUNBOOK = Path(__file__).resolve().parents[2] / "docs/operations/runbook.md"
TARGETS = ("ops@example.com", "webhook:ops")


@pytest.fixture
def down(merchant: Merchant) -> None:
    """The connection has been paused for long, and a rule says whom to tell."""
    rule = AlertRule(name="down", kind="connection_down", limit=5, severity="critical", notify=TARGETS)
    rules = AlertRules(version="1", rules=(rule,))
    merchant.write(lambda tx: alert_rules.put(tx, rules, by="test", now=merchant.now))
    merchant.write(lambda tx: connections.pause(tx, "web", reason="no key", now=datetime(2026, 1, 1, tzinfo=UTC)))


def states(merchant: Merchant) -> list[tuple[str, int]]:
    return sorted((row.state, row.attempts) for row in merchant.database.read_now(alerts.messages))


@pytest.mark.usefixtures("down")
async def test_an_alert_comes_with_a_link_and_a_runbook(alerts: Alerts, post: tuple[Post, int], chat: Chat) -> None:
    await alerts.evaluate()
    await alerts.deliver()
    await alerts.deliver()

    (mail,) = post[0].mails
    ((_, body),) = chat.told
    text = json.loads(body)["text"]
    for told in (str(mail.get_payload()), text):
        assert "https://hub.example.com/exceptions/" in told
        assert "runbook.md#alert-connection-down" in told
    assert mail["To"] == "ops@example.com"
    assert mail["Subject"].startswith("[critical]")


@pytest.mark.usefixtures("down")
async def test_what_is_not_taken_is_told_later(
    alerts: Alerts, merchant: Merchant, post: tuple[Post, int], chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alerts.evaluate()
    post[0].answer, chat.status = "451 busy", 503
    await alerts.deliver()
    waiting = states(merchant)

    post[0].answer, chat.status = "250 OK", 200
    monkeypatch.setattr("runtime.alerts.datetime", _Later)
    await alerts.deliver()

    assert waiting == [("new", 1), ("new", 1)]
    assert states(merchant) == [("sent", 1), ("sent", 1)]
    assert (len(post[0].mails), len(chat.told)) == (1, 2)


class _Later:
    @staticmethod
    def now(_zone: Any) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.usefixtures("down")
async def test_a_worker_that_dies_after_telling_tells_the_same_message(
    alerts: Alerts, merchant: Merchant, post: tuple[Post, int], chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alerts.evaluate()

    def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("runtime.alerts.alerts.sent", killed)
        with pytest.raises(RuntimeError, match="killed"):
            await alerts.deliver()
    await alerts.deliver()

    ids = {mail["Message-ID"] for mail in post[0].mails}
    keys = {key for key, _ in chat.told}
    assert (len(ids), len(keys)) == (1, 1)
    assert states(merchant) == [("sent", 0), ("sent", 0)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_part_of_the_runbook(kind: str) -> None:
    headings = [line.removeprefix("### ") for line in RUNBOOK.read_text().splitlines() if line.startswith("### ")]

    assert f"alert-{kind.replace('_', '-')}" in {heading.lower().replace(" ", "-") for heading in headings}
