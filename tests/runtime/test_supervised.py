"""A part that dies is started again; a part that cannot start says why."""

import asyncio
import signal
import sys

import psutil
import pytest

from bench.stage import until
from runtime.parts import Part
from runtime.settings import Settings
from runtime.supervised import StartError, Supervised


class Reports(list[tuple[str, str]]):
    def __call__(self, part: str, event: str) -> None:
        self.append((part, event))

    def heads(self) -> list[str]:
        return [event.split(" (")[0] for _, event in self]


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def make(settings: Settings, reports: Reports):
    settings.run_folder.mkdir(parents=True)
    settings.log_folder.mkdir(parents=True)

    def make(program: str) -> Supervised:
        async def is_ready(pid: int) -> bool:
            return psutil.pid_exists(pid)

        part = Part("sleeper", (sys.executable, "-c", program), is_ready)
        return Supervised(part, settings, {}, reports)

    return make


@pytest.fixture
async def sleeper(make):
    supervised = make("import time; time.sleep(60)")
    await supervised.start()
    yield supervised
    await supervised.stop()


async def test_starts_again_what_was_killed_and_says_so(sleeper: Supervised, reports: Reports) -> None:
    first = sleeper.process.pid

    sleeper.kill(signal.SIGKILL)
    await sleeper.until_ready()

    assert sleeper.process.pid != first
    assert sleeper.restarts == 1
    assert reports.heads() == ["ready", "died", "ready"]
    assert "SIGKILL" in reports[1][1]


async def test_a_part_that_takes_long_to_come_back_is_said_and_waited_for(
    make, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = asyncio.Event()
    answers.set()
    supervised = make("import time; time.sleep(60)")

    async def is_ready(_pid: int) -> bool:
        return answers.is_set()

    async def said() -> bool:
        return any("does not answer yet" in event for _, event in reports)

    supervised._part = Part("api", supervised._part.command, is_ready)
    await supervised.start()
    answers.clear()
    monkeypatch.setattr("runtime.supervised._READY_WITHIN_S", 0.2)

    supervised.kill(signal.SIGKILL)
    await until(said, 20, "it is said")
    answers.set()
    await supervised.until_ready()
    await supervised.stop()

    assert supervised.restarts == 1
    assert reports.heads()[-2:] == ["ready", "stopped"]


async def test_holds_a_part_down_for_as_long_as_a_drill_wants(sleeper: Supervised) -> None:
    first = sleeper.process.pid

    async with sleeper.held_down():
        await asyncio.sleep(0.6)  # longer than the pause before a restart
        alive_meanwhile = psutil.pid_exists(first) or sleeper.restarts

    assert not alive_meanwhile
    assert psutil.pid_exists(sleeper.process.pid)


async def test_stopping_is_final(sleeper: Supervised, settings: Settings) -> None:
    pid = sleeper.process.pid

    await sleeper.stop()
    await asyncio.sleep(0.6)

    assert not psutil.pid_exists(pid)
    assert not (settings.run_folder / "sleeper.pid").exists()


async def test_a_part_that_cannot_start_tells_the_end_of_its_log(make) -> None:
    async def never(_pid: int) -> bool:
        return False

    supervised = make("raise SystemExit('no such table: orders')")
    supervised._part = Part("api", supervised._part.command, never)

    with pytest.raises(StartError, match="no such table: orders"):
        await supervised.start()
