"""What reaches a log file, and what must not."""

import json
import subprocess
import sys

import pytest

from runtime.logs import REDACTED, redact

PROGRAM = """
import logging, structlog
from runtime.logs import configure_logs
from runtime.settings import Settings
configure_logs(Settings(), "worker")
structlog.get_logger("ours").info("order_accepted", order="o-1", email="jo@example.com", nested={"phone": "+1 555 0100"})
logging.getLogger("temporalio.worker").warning("cannot mail %s", "jo@example.com", extra={"access_token": "t-123"})
try:
    raise ValueError("no such buyer: jo@example.com")
except ValueError:
    structlog.get_logger("ours").exception("failed", url="https://user:hunter2@erp.example.com/x")
logging.getLogger("uvicorn.error").info("started")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, object]]:
    """In a process of its own: logging is global."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_our_events_and_those_of_libraries_take_one_form(lines: list[dict[str, object]]) -> None:
    loggers = [line["logger"] for line in lines]

    assert loggers == ["ours", "temporalio.worker", "ours", "uvicorn.error"]
    assert all({"process", "timestamp", "level", "event"} <= line.keys() for line in lines)


def test_personal_data_and_secrets_stay_out_whoever_logs_them(lines: list[dict[str, object]]) -> None:
    text = json.dumps(lines)

    assert all(leak not in text for leak in ("jo@example.com", "555 0100", "t-123", "hunter2"))
    assert text.count(REDACTED) == 6
    assert lines[0]["order"] == "o-1"


@pytest.mark.parametrize("name", ["email", "Phone", "shipping_address", "api_key", "client_secret", "Authorization"])
def test_redacts_by_name(name: str) -> None:
    event = redact(None, "info", {"event": "x", name: "value"})

    assert event == {"event": "x", name: REDACTED}


@pytest.mark.parametrize("name", ["order", "country", "idempotency_key", "quantity"])
def test_keeps_what_helps_to_find_a_fault(name: str) -> None:
    assert redact(None, "info", {name: "value"}) == {name: "value"}
