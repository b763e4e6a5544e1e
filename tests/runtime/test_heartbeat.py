"""The sign of life of a process without a port."""

import os
import time

from runtime.heartbeat import beating_pid, heartbeat, heartbeat_file
from runtime.settings import Settings


async def test_tells_who_is_alive_and_only_while_it_is(settings: Settings) -> None:
    before = beating_pid(settings, "worker")
    async with heartbeat(settings, "worker"):
        during = beating_pid(settings, "worker")
    after = beating_pid(settings, "worker")

    assert (before, during, after) == (None, os.getpid(), None)


async def test_a_heart_that_stopped_counts_for_nothing(settings: Settings) -> None:
    async with heartbeat(settings, "worker"):
        long_ago = time.time() - 60
        os.utime(heartbeat_file(settings, "worker"), (long_ago, long_ago))

        assert beating_pid(settings, "worker") is None
