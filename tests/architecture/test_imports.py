"""Importing a workflow loads no client, no database and no web framework: replay and the workflow sandbox stay light."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"aiohttp", "alembic", "db", "fastapi", "httpx", "runtime", "sqlalchemy", "sqlmodel", "structlog", "uvicorn"}
LIGHT = [
    f"{package}.{path.stem}"
    for package in ("activities", "workflows")
    for path in sorted((ROOT / package).glob("*.py"))
    if path.stem != "__init__"
]


@pytest.mark.parametrize("module", LIGHT)
def test_loads_nothing_heavy(module: str) -> None:
    """In a fresh interpreter, where nobody else has imported anything."""
    program = f"import {module}, sys; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT)

    assert {name.split(".")[0] for name in loaded.stdout.split()} & HEAVY == set()


def test_the_arrows_between_packages_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter, "--no-logo"], check=False, capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 0, done.stdout
