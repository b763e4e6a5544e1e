"""The `tutti` command: help without loading anything, errors without a traceback."""

import subprocess
import sys
from importlib import import_module

import pytest

from cli.main import COMMANDS, exit_code_of


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_in_the_list_exists(name: str) -> None:
    assert import_module(f"cli.{name}").app


def test_help_lists_every_command_and_loads_none(capfd: pytest.CaptureFixture[str]) -> None:
    program = "import sys; from cli.main import exit_code_of; exit_code_of(['--help']); print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert all(name in done.stdout for name in COMMANDS)
    assert {"temporalio", "sqlalchemy", "fastapi"} & set(done.stdout.split()) == set()


def test_a_mistyped_command_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["uo"]) == 2
    assert "No such command 'uo'" in capfd.readouterr().err


def test_what_the_operator_can_mend_is_one_line_without_a_traceback(
    capfd: pytest.CaptureFixture[str], tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTTI_VAR", str(tmp_path))

    code = exit_code_of(["keys", "rotate"])

    assert code == 1
    assert (
        capfd.readouterr().err
        == f"tutti keys: there is no {tmp_path}/master.key to change: make it with `tutti keys new`\n"
    )


def test_a_fault_of_ours_shows_its_traceback(
    capfd: pytest.CaptureFixture[str], tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTTI_VAR", str(tmp_path))
    (tmp_path / "master.key").mkdir()

    code = exit_code_of(["keys", "rotate"])

    assert code == 1
    assert "Traceback" in capfd.readouterr().err


def test_a_setting_that_is_none_is_named(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTTI_ENV", "staging")

    code = exit_code_of(["keys", "rotate"])

    assert code == 1
    assert "TUTTI_ENV" in (error := capfd.readouterr().err)
    assert "Traceback" not in error


def test_a_command_ends_with_its_exit_code_and_its_output(tmp_path) -> None:
    program = "from cli.finish import finish; print('done'); finish(3)"

    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (3, "done\n")
