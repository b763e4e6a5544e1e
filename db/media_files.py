"""What was read of pictures, by address."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, Table, select

from db.content_marks import mark_held
from db.tables.catalog import MediaFileRow
from db.upsert import put as put_row
from domain.catalog.media import MediaFile

FILES: Table = MediaFileRow.__table__  # type: ignore[attr-defined]
AT_ONCE = 500


def known(tx: Connection, urls: Iterable[str]) -> dict[str, MediaFile]:
    """Those that have been read."""
    wanted = sorted(set(urls))
    found: dict[str, MediaFile] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = tx.execute(select(FILES).where(FILES.c.url.in_(some)))
        found |= {row.url: MediaFile.model_validate(row._asdict()) for row in rows}
    return found


def put(tx: Connection, files: Collection[MediaFile]) -> None:
    """Keep what was read; a later reading replaces an earlier one."""
    for file in files:
        put_row(tx, FILES, file.model_dump(), keys=("url",))
    if times := [file.read_at for file in files if file.read_at is not None]:
        mark_held(tx, "media", max(times))
