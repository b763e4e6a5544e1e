"""Backup and restore, on real files."""

import sqlite3
import stat
import tarfile
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from runtime.backup import BackupError, restore_backup, write_backup
from runtime.errors import OperatorError
from runtime.keys import load_keys
from runtime.settings import Settings
from runtime.supervisor import Stack


@pytest.fixture
def installation(settings: Settings, tmp_path: Path) -> Settings:
    """With an order in its database, still open and with a journal, and a text under its key."""
    settings = settings.model_copy(update={"config_file": tmp_path / "tutti.yaml"})
    settings.config_file.write_text("locations: []\n")
    text = load_keys(settings).encrypt(b"Jo Doe", b"")
    with closing(sqlite3.connect(settings.var / "tutti.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE orders (id TEXT, buyer BLOB)")
        database.execute("INSERT INTO orders VALUES ('o-1', ?)", [text])
        database.commit()
    return settings


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "elsewhere", config_file=tmp_path / "elsewhere.yaml")


def orders_of(settings: Settings) -> list[tuple[str, bytes]]:
    with closing(sqlite3.connect(settings.var / "tutti.db")) as database:
        return [
            (name, load_keys(settings).decrypt(buyer, b""))
            for name, buyer in database.execute("SELECT id, buyer FROM orders")
        ]


def rewrite(backup: Path, target: Path, member: str, content: bytes) -> None:
    """What a bad disk, or somebody else, makes of a backup."""
    folder = backup.parent / "unpacked"
    with tarfile.open(backup) as archive:
        names = archive.getnames()
        archive.extractall(folder, filter="data")
    (folder / member).write_bytes(content)
    with tarfile.open(target, "w:gz") as archive:
        for name in names:
            archive.add(folder / name, arcname=name)


def test_a_restored_hub_reads_its_orders_again(installation: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    write_backup(installation, tmp_path / "backup")

    restore_backup(elsewhere, tmp_path / "backup")

    assert orders_of(elsewhere) == [("o-1", b"Jo Doe")]
    assert elsewhere.config_file.read_text() == "locations: []\n"
    assert stat.S_IMODE(elsewhere.key_file.stat().st_mode) == 0o600


def test_a_backup_is_taken_while_somebody_writes(installation: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(installation.var / "tutti.db")) as writer:
        writer.execute("INSERT INTO orders VALUES ('uncommitted', x'00')")
        write_backup(installation, tmp_path / "backup")

    restore_backup(elsewhere, tmp_path / "backup")

    assert orders_of(elsewhere) == [("o-1", b"Jo Doe")]


def test_a_backup_is_its_owners_and_never_overwrites(installation: Settings, tmp_path: Path) -> None:
    write_backup(installation, tmp_path / "backup")

    with pytest.raises(BackupError, match="exists"):
        write_backup(installation, tmp_path / "backup")

    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".tutti-backup-*"))


def test_under_a_passphrase_the_key_is_of_no_use_to_a_finder(
    installation: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    contents = write_backup(installation, tmp_path / "backup", "correct horse")

    assert "master.key" not in contents
    with pytest.raises(BackupError, match="--passphrase-file"):
        restore_backup(elsewhere, tmp_path / "backup")
    with pytest.raises(BackupError, match="not the one"):
        restore_backup(elsewhere, tmp_path / "backup", "wrong horse")
    restore_backup(elsewhere, tmp_path / "backup", "correct horse")
    assert orders_of(elsewhere) == [("o-1", b"Jo Doe")]


def test_a_key_from_the_environment_is_left_to_its_keeper(
    installation: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTTI_MASTER_KEY", installation.key_file.read_text())

    assert write_backup(installation, tmp_path / "backup") == ["database", "tutti.yaml"]


def test_refuses_to_overwrite_unless_forced_and_keeps_what_was_there(installation: Settings, tmp_path: Path) -> None:
    write_backup(installation, tmp_path / "backup")
    with closing(sqlite3.connect(installation.var / "tutti.db")) as database:
        database.execute("INSERT INTO orders SELECT 'o-2', buyer FROM orders")
        database.commit()
        with pytest.raises(BackupError, match="--force"):
            restore_backup(installation, tmp_path / "backup")
        # still open: its journal lies beside the file, and must not be played into the restored one
        restore_backup(installation, tmp_path / "backup", force=True)

    assert [name for name, _ in orders_of(installation)] == ["o-1"]
    (kept,) = installation.var.glob("before-restore-*/tutti.db")
    with closing(sqlite3.connect(kept)) as before:
        assert before.execute("SELECT count(*) FROM orders").fetchone() == (2,)


def test_the_progress_of_the_replaced_database_goes_with_it(installation: Settings, tmp_path: Path) -> None:
    write_backup(installation, tmp_path / "backup")
    (installation.var / "temporal.db").write_bytes(b"runs of tomorrow")

    restore_backup(installation, tmp_path / "backup", force=True)

    assert not (installation.var / "temporal.db").exists()


@pytest.mark.parametrize("member", ["database", "master.key", "tutti.yaml"])
def test_notices_damage_before_it_touches_anything(
    installation: Settings, elsewhere: Settings, tmp_path: Path, member: str
) -> None:
    write_backup(installation, tmp_path / "backup")
    rewrite(tmp_path / "backup", tmp_path / "damaged", member, b"something else")

    with pytest.raises(BackupError, match=f"damaged: {member}"):
        restore_backup(elsewhere, tmp_path / "damaged")

    assert list(elsewhere.var.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1f\x8b\x08\x00truncated"])
def test_refuses_what_is_no_backup(elsewhere: Settings, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)

    with pytest.raises(BackupError, match="cannot be read"):
        restore_backup(elsewhere, tmp_path / "file")


def test_says_which_database_is_missing(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"no database at .*tutti.db"):
        write_backup(settings, tmp_path / "backup")


@pytest.mark.server
async def test_refuses_while_the_hub_runs(installation: Settings, tmp_path: Path) -> None:
    write_backup(installation, tmp_path / "backup")

    async with Stack(installation, parts=["temporal"]):
        with pytest.raises(BackupError, match="stop it first"):
            restore_backup(installation, tmp_path / "backup", force=True)


class TestPostgres:
    @pytest.fixture
    def at_postgres(self, settings: Settings, postgres_url: str) -> Settings:
        return settings.model_copy(update={"database_url": postgres_url.replace("postgresql:", "postgresql+psycopg:")})

    def test_goes_out_and_in_again(self, at_postgres: Settings, postgres_url: str, tmp_path: Path) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as database:
            database.execute("CREATE TABLE orders (id TEXT)")
            database.execute("INSERT INTO orders VALUES ('o-1')")
            write_backup(at_postgres, tmp_path / "backup")
            with pytest.raises(OperatorError, match="never empties"):
                restore_backup(at_postgres, tmp_path / "backup", force=True)
            database.execute("DROP TABLE orders")

            restore_backup(at_postgres, tmp_path / "backup", force=True)

            assert database.execute("SELECT id FROM orders").fetchall() == [("o-1",)]

    def test_names_the_tool_that_is_missing(
        self, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        settings = settings.model_copy(update={"database_url": "postgresql+psycopg://hub@localhost/tutti"})

        with pytest.raises(OperatorError, match="pg_dump is missing"):
            write_backup(settings, tmp_path / "backup")

    def test_a_backup_of_the_other_kind_is_refused(self, installation: Settings, tmp_path: Path) -> None:
        write_backup(installation, tmp_path / "backup")
        other = installation.model_copy(update={"database_url": "postgresql+psycopg://hub@localhost/tutti"})

        with pytest.raises(BackupError, match="is of sqlite"):
            restore_backup(other, tmp_path / "backup")
