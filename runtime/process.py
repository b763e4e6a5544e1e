"""One child process: started so that it cannot outlive us, logged to a file, found again by its pid file."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

_PR_SET_PDEATHSIG = 1
_CLOCK_TOLERANCE_S = 2.0  # start times are read from the boot time, which a clock correction moves a little


async def start(
    command: Sequence[str],
    environ: Mapping[str, str],
    log_file: Path,
    pid_file: Path,
    *,
    folder: Path,
    niceness: int = 0,
) -> asyncio.subprocess.Process:
    """In a session of its own, so that Ctrl-C at the terminal reaches us alone and we stop the parts in order."""
    with log_file.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environ,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_in_child(niceness),
        )
    if niceness:
        _have_group_give_way(process.pid, niceness)
    with suppress(psutil.NoSuchProcess):
        _record(process.pid, pid_file)
    return process


async def stop(process: asyncio.subprocess.Process, grace: timedelta) -> None:
    """Ask, wait, then kill."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), grace.total_seconds())
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _record(pid: int, pid_file: Path) -> None:
    pid_file.write_text(json.dumps({"pid": pid, "started": psutil.Process(pid).create_time()}))


def recorded(pid_file: Path) -> psutil.Process | None:
    """The living process that a pid file names; a pid that has since gone to somebody else is not ours."""
    try:
        record = json.loads(pid_file.read_text())
        process = psutil.Process(record["pid"])
        same = abs(process.create_time() - record["started"]) < _CLOCK_TOLERANCE_S
    except (FileNotFoundError, ValueError, KeyError, psutil.NoSuchProcess):
        return None
    return process if same and process.status() != psutil.STATUS_ZOMBIE else None


def kill_recorded(pid_file: Path) -> int | None:
    """End what an earlier, killed supervisor left behind, and tell its pid."""
    process = recorded(pid_file)
    pid_file.unlink(missing_ok=True)
    if process is None:
        return None
    with suppress(psutil.NoSuchProcess):
        process.kill()
        process.wait(5)
    return process.pid


def _have_group_give_way(pid: int, niceness: int) -> None:
    """Where Linux groups processes by session (autogroup), a process's niceness counts within its group only."""
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness))


def _in_child(niceness: int) -> Callable[[], None]:
    """On Linux the kernel kills the child when we are killed; elsewhere the next start finds it by its pid file."""
    # loaded before the fork: nothing may be imported after it
    libc, parent = ctypes.CDLL(None) if sys.platform == "linux" else None, os.getpid()

    def in_child() -> None:
        if niceness:
            os.nice(niceness)
        if libc is None:
            return
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return in_child
