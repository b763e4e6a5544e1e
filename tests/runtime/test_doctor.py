"""The doctor names what is wrong, says how to mend it, and does not faint."""

import json
import subprocess
import sys

import pytest

from db.migrate import upgrade
from runtime import checks
from runtime.checks import ProblemFoundError
from runtime.doctor import examine
from runtime.keys import make_key_file
from runtime.settings import Settings
from runtime.supervisor import Stack


async def finding(settings: Settings, check: str):
    return next(found for found in await examine(settings) if found.check == check)


async def test_a_fresh_checkout_is_well(settings: Settings) -> None:
    wrong = [found for found in await examine(settings) if not found.ok]

    assert wrong == []


async def test_a_key_that_others_can_read_is_wrong_and_the_remedy_is_a_command(settings: Settings) -> None:
    make_key_file(settings.key_file)
    settings.key_file.chmod(0o644)

    found = await finding(settings, "master key")

    assert not found.ok
    assert found.remedy == f"chmod 600 {settings.key_file}"


async def test_production_without_a_key_is_wrong(settings: Settings) -> None:
    found = await finding(settings.model_copy(update={"environment": "production"}), "master key")

    assert not found.ok
    assert "tutti keys new" in found.detail


async def test_a_database_of_an_older_version_is_wrong(settings: Settings) -> None:
    settings.var.mkdir()
    upgrade(settings.database_url, "0001")

    found = await finding(settings, "database")

    assert (found.ok, found.remedy) == (False, "run `tutti migrate`")


async def test_a_database_that_does_not_answer_is_a_finding_not_a_crash(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"database_url": "postgresql+psycopg://hub@127.0.0.1:1/tutti"})

    found = await finding(nowhere, "database")

    assert not found.ok
    assert "refused" in found.detail


def test_a_package_of_another_version_is_named(settings: Settings, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "pytest==1.0 \\\n    --hash=sha256:00\nnot-installed==1 \\\ncolorama==9 ; sys_platform == 'win32' \\\n"
    )
    monkeypatch.setattr(checks, "_LOCK", lock)

    with pytest.raises(ProblemFoundError, match=r"pytest \d+\.\S+, not ==1.0$"):
        checks.packages(settings)


@pytest.mark.server
async def test_a_running_hub_without_a_worker_is_wrong(settings: Settings) -> None:
    async with Stack(settings, parts=["temporal"]) as stack:
        findings = {found.check: found for found in await examine(stack.settings)}

    assert findings["temporal"].ok
    assert not findings["worker"].ok
    assert "nobody works on the queue" in findings["worker"].detail
    assert not findings["api"].ok


def test_the_command_speaks_json_and_exits_with_1_when_something_is_wrong(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTTI_VAR", str(tmp_path))
    monkeypatch.setenv("TUTTI_ENV", "production")

    command = [sys.executable, "-c", "from cli.main import run; run()", "doctor", "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert [found["check"] for found in json.loads(done.stdout) if not found["ok"]] == ["master key"]
