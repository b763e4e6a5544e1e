"""`tutti up` as a person runs it: it says where things are, stops in order, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
COMMAND = [sys.executable, "-c", "from cli.main import run; run()", "up", "--free-ports", "--no-sandbox", "--json"]


def said(up: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert up.stdout
    return map(json.loads, up.stdout)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environ = os.environ | {"TUTTI_VAR": str(tmp_path)}
    process = subprocess.Popen(COMMAND, env=environ, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def started(up: subprocess.Popen[str], folder: Path) -> list[psutil.Process]:
    """Wait until everything is ready, and find its processes."""
    addresses = next(event["addresses"] for event in said(up) if "addresses" in event)
    assert list(addresses) == ["Console", "API", "Temporal UI"]
    return [psutil.Process(json.loads(file.read_text())["pid"]) for file in sorted((folder / "run").glob("*.pid"))]


def test_ctrl_c_stops_everything_in_order(up: subprocess.Popen[str], tmp_path: Path) -> None:
    processes = started(up, tmp_path)

    up.send_signal(signal.SIGINT)
    stopped = [event["part"] for event in said(up)]

    assert up.wait() == 0
    assert stopped == ["console", "worker", "api", "temporal"]
    assert [process for process in processes if process.is_running()] == []
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["stack.lock"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a child die with its parent")
def test_a_killed_supervisor_leaves_no_process_behind(up: subprocess.Popen[str], tmp_path: Path) -> None:
    processes = started(up, tmp_path)
    assert len(processes) == 4

    up.kill()

    _, alive = psutil.wait_procs(processes, timeout=60)
    assert alive == []
