"""CPU time and memory of the processes that are measured."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


@dataclass
class Usage:
    """CPU milliseconds (user and system, children included) spent inside the block, and the highest resident size.

    `waited_ms` is how long its threads were ready to run and had no processor: what a busy machine adds to latency.
    """

    cpu_ms: dict[str, float] = field(default_factory=dict)
    waited_ms: dict[str, float] = field(default_factory=dict)
    rss_bytes: dict[str, int] = field(default_factory=dict)

    @property
    def total_cpu_ms(self) -> float:
        return sum(self.cpu_ms.values())


@asynccontextmanager
async def used(pids: Mapping[str, int]) -> AsyncIterator[Usage]:
    """Measure these processes while the block runs."""
    usage = Usage()
    processes = {name: psutil.Process(pid) for name, pid in pids.items()}
    before = {name: _cpu_ms(process) for name, process in processes.items()}
    waited = {name: _waited_ms(pid) for name, pid in pids.items()}
    watcher = asyncio.create_task(_watch(processes, usage))
    try:
        yield usage
    finally:
        watcher.cancel()
        usage.cpu_ms = {name: _cpu_ms(process) - before[name] for name, process in processes.items()}
        usage.waited_ms = {name: _waited_ms(pid) - waited[name] for name, pid in pids.items()}


def _cpu_ms(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return 1000 * sum(times.user + times.system for times in (member.cpu_times() for member in family))


def _waited_ms(pid: int) -> float:
    """Linux only; elsewhere 0."""
    stats = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(stat.read_text().split()[1]) for stat in stats) / 1e6


async def _watch(processes: Mapping[str, psutil.Process], usage: Usage) -> None:
    while True:
        for name, process in processes.items():
            usage.rss_bytes[name] = max(usage.rss_bytes.get(name, 0), process.memory_info().rss)
        await asyncio.sleep(0.5)
