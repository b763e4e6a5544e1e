"""The buyer is written to at the named moments, once each, through the process and a real mail server."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from temporalio.testing import WorkflowEnvironment

from db.returns import commands, policies
from db.returns.rows import RETURNS, row_of, tell
from domain.returns.policy import PolicyRule, PolicyValues, ReturnPolicy
from runtime.settings import Settings
from tests.workflows.stack import Stack, stack_on

pytestmark = pytest.mark.server


class Postbox:
    """Takes every mail; it refuses the first `busy` ones for a while, as busy servers do."""

    def __init__(self) -> None:
        self.mails: dict[str, tuple[str, str]] = {}
        self.taken: Counter[str] = Counter()
        self.busy = self.port = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 the name that the mail server calls
        if self.busy:
            self.busy -= 1
            return "451 try again later"
        mail = message_from_bytes(envelope.original_content or b"")
        self.mails[str(mail["Message-ID"])] = (str(mail["To"]), str(mail["Subject"]))
        self.taken[str(mail["Message-ID"])] += 1
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [subject for _, subject in self.mails.values()]


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    box = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings, postbox: Postbox) -> AsyncIterator[Stack]:
    mail = settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{postbox.port}"})
    async with stack_on(env.client, mail) as running:
        rule = PolicyRule(name="all", values=PolicyValues(automatic=True))
        made = ReturnPolicy(version="t", rules=(rule,), notify="hub")

        def in_force(tx: Any) -> None:
            policies.add(tx, made, by="test", now=datetime.now(UTC))
            policies.activate(tx, "t")

        await running.write(in_force)
        yield running


async def until_mailed(postbox: Postbox, *words: str) -> None:
    async with asyncio.timeout(90):
        while not all(any(word in subject for subject in postbox.subjects) for word in words):  # noqa: ASYNC110 a server in another thread
            await asyncio.sleep(0.05)


async def move_clock(stack: Stack, rma: str, **columns: datetime) -> None:
    """A date of the return is in the past."""

    def work(tx: Any) -> None:
        tx.execute(RETURNS.update().where(RETURNS.c.id == rma).values(**columns))
        tell(tx, row_of(tx, rma), "noted", f"clock:{sorted(columns)}", now=datetime.now(UTC), by="test")

    await stack.write(work)


async def test_approval_and_refund_are_told_to_the_buyer_once(stack: Stack, postbox: Postbox) -> None:
    rma = await stack.open_return(await stack.shipped(TEE=1))
    await until_mailed(postbox, "is approved")
    await stack.receive(rma)
    await stack.grade(rma)
    await stack.returned(rma)

    await until_mailed(postbox, "is approved", "Your refund")
    assert {to for to, _ in postbox.mails.values()} == {f"ada{rma.split('-')[1]}@example.com"}
    assert set(postbox.taken.values()) == {1}


async def test_a_reminder_and_the_end_are_told_when_nothing_comes(stack: Stack, postbox: Postbox) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    rma = await stack.open_return(await stack.shipped(TEE=1), method="drop_off")
    await until_mailed(postbox, "is approved")
    await move_clock(stack, rma, remind_at=past)
    await until_mailed(postbox, "We still wait")
    await move_clock(stack, rma, expires_at=past)

    assert (await stack.returned(rma)).outcome == "expired"
    assert len(postbox.mails) == 3
    assert any("has ended" in subject for subject in postbox.subjects)


async def test_a_withdrawal_is_told(stack: Stack, postbox: Postbox) -> None:
    rma = await stack.open_return(await stack.shipped(TEE=1), method="drop_off")
    await until_mailed(postbox, "is approved")

    await stack.write(lambda tx: commands.withdraw(tx, rma, by="buyer", now=datetime.now(UTC)))

    assert (await stack.returned(rma)).outcome == "withdrawn"
    await until_mailed(postbox, "was withdrawn")


async def test_a_mail_server_that_is_busy_is_asked_again(stack: Stack, postbox: Postbox) -> None:
    postbox.busy = 1
    await stack.open_return(await stack.shipped(TEE=1), method="drop_off")

    await until_mailed(postbox, "is approved")

    assert set(postbox.taken.values()) == {1}
