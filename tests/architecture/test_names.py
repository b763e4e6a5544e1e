"""The top-level names `api`, `db`, `cli` … are ours alone in this environment."""

import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = [pattern.rstrip("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]]
NAMES = [*PACKAGES, "worker", "tests"]


@pytest.mark.parametrize("name", NAMES)
def test_no_other_distribution_owns_the_name(name: str) -> None:
    owners = set(packages_distributions().get(name, []))

    assert owners <= {"tutti"}


def test_the_project_can_never_reach_an_index() -> None:
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]


def test_every_package_is_declared() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert found - {"tests"} <= set(PACKAGES)
