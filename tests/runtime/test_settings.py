"""What the environment may say, and how it travels to child processes."""

import json
from pathlib import Path

import pytest

from runtime.settings import SettingError, Settings


def test_defaults_to_sqlite_inside_var(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)

    assert settings.database_url == f"sqlite:///{tmp_path}/tutti.db"
    assert settings.sqlite_file == tmp_path / "tutti.db"


def test_takes_the_database_from_the_variable_that_everybody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://hub@db/tutti")

    settings = Settings()

    assert settings.database_url == "postgresql+psycopg://hub@db/tutti"
    assert settings.sqlite_file is None


def test_refuses_an_environment_that_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTTI_ENV", "staging")

    with pytest.raises(SettingError, match="TUTTI_ENV: Input should be"):
        Settings()


def test_a_child_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parent = Settings(var=tmp_path, api_port=1234, egress_allow=("erp.internal", "nas.local"), environment="production")
    for name, value in parent.environ().items():
        monkeypatch.setenv(name, value)

    child = Settings()

    assert child == parent


def test_a_command_finds_the_ports_that_the_running_stack_took(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUTTI_VAR", str(tmp_path))
    monkeypatch.setenv("TUTTI_SANDBOX_PORT", "9999")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "ports.json").write_text(json.dumps({"api": 4711, "sandbox": 4712}))

    settings = Settings.of_running_stack()

    assert (settings.api_port, settings.sandbox_port) == (4711, 9999)
