"""A child process does not outlive its supervisor, and a pid file never leads to somebody else's process."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from runtime.process import kill_recorded, recorded, start, stop

PARENT = """
import asyncio, os, sys
from pathlib import Path
from runtime.process import start
async def main():
    here = Path(sys.argv[1])
    child = await start(["sleep", "60"], os.environ, here / "log", here / "pid", folder=here)
    print(child.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


async def start_python(folder: Path, program: str):
    command = [sys.executable, "-c", program]
    return await start(command, os.environ, folder / "log", folder / "pid", folder=folder)


def until_gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(5)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a child die with its parent")
def test_a_child_dies_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)

    parent.kill()
    parent.communicate()

    assert until_gone(child)


async def test_what_a_process_says_is_in_its_log(tmp_path: Path) -> None:
    process = await start_python(tmp_path, "import sys; print('out', flush=True); print('err', file=sys.stderr)")
    await process.wait()

    assert (tmp_path / "log").read_text() == "out\nerr\n"


async def test_kills_what_does_not_stop_when_asked(tmp_path: Path) -> None:
    process = await start_python(tmp_path, STUBBORN)
    while not (tmp_path / "log").read_text():
        pass

    await stop(process, grace=timedelta(milliseconds=200))

    assert process.returncode == -signal.SIGKILL


async def test_finds_and_ends_what_was_left_behind(tmp_path: Path) -> None:
    process = await start_python(tmp_path, "import time; time.sleep(60)")

    assert kill_recorded(tmp_path / "pid") == process.pid
    assert until_gone(process.pid)
    assert not (tmp_path / "pid").exists()


def test_spares_a_process_that_was_given_the_same_pid_later(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    started = psutil.Process(stranger.pid).create_time()
    (tmp_path / "pid").write_text(json.dumps({"pid": stranger.pid, "started": started - 60}))

    ended = kill_recorded(tmp_path / "pid")

    assert ended is None
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("content", ["", "{}", "not json", '{"pid": 4194304, "started": 0}'])
def test_a_useless_pid_file_names_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "pid").write_text(content)

    assert recorded(tmp_path / "pid") is None
