"""Demos, drills and benchmarks never reach the installation that the shell names."""

import os
from pathlib import Path

import pytest

from db.migrate import upgrade
from runtime.apart import DatabaseInUseError, apart
from runtime.temporal import uses_cluster


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One that names a real installation."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://hub@db/tutti")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.internal:7233")
    monkeypatch.setenv("TUTTI_SMTP_URL", "smtp://mail.internal:25")
    monkeypatch.setenv("TUTTI_ENV", "production")
    return monkeypatch


def test_a_play_has_its_own_database_engine_and_no_mail(shell: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = apart(tmp_path)

    assert settings.sqlite_file == tmp_path / "tutti.db"
    assert settings.smtp_url == ""
    assert settings.environment == "development"
    assert not uses_cluster()
    assert settings.environ()["DATABASE_URL"] == f"sqlite:///{tmp_path}/tutti.db"


def test_a_database_that_has_tables_is_refused_by_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/real.db"
    upgrade(url)

    with pytest.raises(DatabaseInUseError, match="--database-url: the database has tables already"):
        apart(tmp_path / "play", url)


def test_an_empty_database_may_be_named(shell: pytest.MonkeyPatch, tmp_path: Path, postgres_url: str) -> None:
    settings = apart(tmp_path, postgres_url)

    assert settings.database_url == postgres_url
    assert "TEMPORAL_ADDRESS" not in os.environ


def test_a_server_s_database_with_tables_is_refused_too(tmp_path: Path, postgres_url: str) -> None:
    upgrade(postgres_url)

    with pytest.raises(DatabaseInUseError, match="create an empty one"):
        apart(tmp_path, postgres_url)
