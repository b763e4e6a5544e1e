"""Where the official Shopify files are that tests read and the project does not ship."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
CONTRACTS = Path(os.environ.get("TUTTI_CONTRACTS", ROOT.parent / "shared" / "contracts")) / "shopify"
FIXTURES = ROOT / "sandbox" / "fixtures" / "shopify"
FIXTURE_NAMES = sorted(json.loads((FIXTURES / "index.json").read_text(encoding="utf-8")))
ORDER_TOPICS = ("create", "cancelled", "fulfilled", "paid", "updated")


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def official(path: str) -> Path:
    """A file of the official contracts; the test is skipped where they are not."""
    found = CONTRACTS / path
    if not found.exists():
        pytest.skip(f"the official contracts are not here: {found}")
    return found


def sample(path: str) -> Any:
    return json.loads(official(f"samples/{path}").read_text(encoding="utf-8"))
