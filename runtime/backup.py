"""One file that holds what cannot be made again: the database, the master key, the configuration.

Temporal is not in it: the database holds the facts, and the reconciler gives every open order a run from them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tarfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict

from runtime.dump import check_sqlite, dump, refuse_unless_empty, restore_postgres
from runtime.embedded import temporal_file
from runtime.errors import OperatorError
from runtime.keys import KEY_BYTES, CannotDecryptError, seal, unseal
from runtime.supervisor import is_running

if TYPE_CHECKING:
    from runtime.settings import Settings

_FORMAT = 1
_MANIFEST, _DATABASE, _CONFIG = "manifest.json", "database", "tutti.yaml"
_KEY, _SEALED_KEY = "master.key", "master.key.sealed"
_SALT_BYTES = 16
_AAD = b"tutti backup key"


class BackupError(OperatorError):
    """The backup cannot be written, or is not fit to be put in place."""


class Manifest(BaseModel):
    """What is in a backup; the sums are those of its other members."""

    model_config = ConfigDict(frozen=True)

    format: int = _FORMAT
    version: str
    created_at: datetime
    database: Literal["sqlite", "postgresql"]
    sha256: dict[str, str]


def write_backup(settings: Settings, target: Path, passphrase: str | None = None) -> list[str]:
    """Write the file, readable by its owner only, and tell what is in it."""
    if target.exists():
        raise BackupError(f"{target} exists")
    with TemporaryDirectory(dir=target.absolute().parent, prefix=".tutti-backup-") as name:
        folder = Path(name)
        dump(settings, folder / _DATABASE)
        _add_key(settings, folder, passphrase)
        if settings.config_file.exists():
            (folder / _CONFIG).write_bytes(settings.config_file.read_bytes())
        contents = sorted(path.name for path in folder.iterdir())
        (folder / _MANIFEST).write_text(_manifest(settings, folder, contents).model_dump_json(indent=2))
        draft = folder / "draft"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz") as archive:
                for member in (_MANIFEST, *contents):
                    archive.add(folder / member, arcname=member)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)  # unlike a rename, this never replaces a file that has appeared meanwhile
    return contents


def restore_backup(settings: Settings, source: Path, passphrase: str | None = None, *, force: bool = False) -> None:
    """Check everything first, then put it in place; what was there before is kept beside it, never deleted."""
    if is_running(settings):
        raise BackupError(f"the hub runs on {settings.var}: stop it first")
    settings.var.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.var, prefix=".restore-") as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        _check_kind(settings, manifest)
        _open_key(folder, passphrase)
        places = _places(settings, folder)
        _refuse_to_overwrite(settings, [place for place in places.values() if place.exists()], force=force)
        if settings.sqlite_file is None:
            restore_postgres(settings, folder / _DATABASE)
        else:
            check_sqlite(folder / _DATABASE)
        _set_aside(settings, list(places.values()))
        for member, place in places.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            (folder / member).replace(place)


def _manifest(settings: Settings, folder: Path, contents: list[str]) -> Manifest:
    return Manifest(
        version=version("tutti"),
        created_at=datetime.now(UTC),
        database=_kind(settings),
        sha256={name: _sha256(folder / name) for name in contents},
    )


def _kind(settings: Settings) -> Literal["sqlite", "postgresql"]:
    return "postgresql" if settings.sqlite_file is None else "sqlite"


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _add_key(settings: Settings, folder: Path, passphrase: str | None) -> None:
    """A key that comes from the environment is its keeper's to keep: it is not in the backup."""
    if os.environ.get("TUTTI_MASTER_KEY") or not settings.key_file.exists():
        return
    key = settings.key_file.read_bytes()
    if passphrase is None:
        (folder / _KEY).write_bytes(key)
    else:
        salt = secrets.token_bytes(_SALT_BYTES)
        (folder / _SEALED_KEY).write_bytes(salt + seal(_stretch(passphrase, salt), key, _AAD))


def _open_key(folder: Path, passphrase: str | None) -> None:
    key, sealed = folder / _KEY, folder / _SEALED_KEY
    if sealed.exists():
        if passphrase is None:
            raise BackupError("the key in this backup is under a passphrase: give --passphrase-file")
        content = sealed.read_bytes()
        salt, text = content[:_SALT_BYTES], content[_SALT_BYTES:]
        try:
            key.write_bytes(unseal(_stretch(passphrase, salt), text, _AAD))
        except CannotDecryptError:
            raise BackupError("the passphrase is not the one that this backup was made with") from None
    if key.exists():
        key.chmod(0o600)


def _stretch(passphrase: str, salt: bytes) -> bytes:
    """OWASP's figures for scrypt: 128 MB and about half a second for every guess."""
    return Scrypt(salt, KEY_BYTES, n=2**17, r=8, p=1).derive(passphrase.encode())


def _unpack(source: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = Manifest.model_validate_json((folder / _MANIFEST).read_bytes())
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise BackupError(f"{source} cannot be read as a backup: {error}") from error
    if manifest.format != _FORMAT:
        raise BackupError(f"{source} was made by a newer Tutti ({manifest.version}): update this one first")
    for name, expected in manifest.sha256.items():
        if not (folder / name).is_file() or _sha256(folder / name) != expected:
            raise BackupError(f"{source} is damaged: {name} is not what was written")
    return manifest


def _check_kind(settings: Settings, manifest: Manifest) -> None:
    if manifest.database != _kind(settings):
        raise BackupError(f"the backup is of {manifest.database}, and DATABASE_URL names {_kind(settings)}")


def _places(settings: Settings, folder: Path) -> dict[str, Path]:
    """Where each file belongs, but for those that are there already."""
    places = {_KEY: settings.key_file, _CONFIG: settings.config_file}
    if settings.sqlite_file:
        places[_DATABASE] = settings.sqlite_file
    return {
        member: place
        for member, place in places.items()
        if (folder / member).exists() and not (place.exists() and place.read_bytes() == (folder / member).read_bytes())
    }


def _refuse_to_overwrite(settings: Settings, existing: list[Path], *, force: bool) -> None:
    if settings.sqlite_file is None:
        refuse_unless_empty(settings.database_url)
    if existing and not force:
        raise BackupError(f"{', '.join(map(str, existing))} exist: --force sets them aside")


def _set_aside(settings: Settings, places: list[Path]) -> None:
    """With each SQLite file goes its journal: SQLite would play an old journal into the new file.

    Temporal's file goes too, since its progress is that of the database that is being replaced.
    """
    folder = settings.var / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    for place in [*places, temporal_file(settings)]:
        for file in (place, place.with_name(f"{place.name}-wal"), place.with_name(f"{place.name}-shm")):
            if file.exists():
                folder.mkdir(exist_ok=True)
                file.rename(folder / file.name)
