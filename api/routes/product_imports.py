"""Imports of products: rows are sent in parts, carried out in the background, and each tells what became of it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, ImporterDep, Now
from api.errors import ProblemError
from api.schemas.products import ImportIn, ImportOut, ImportRowOut, ImportRowsIn
from db import catalog_imports
from db.catalog_imports import Line
from db.words import dictionary
from domain.catalog.sheet import read_sheet

router = APIRouter(prefix="/product-imports", tags=["products"])

Id = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
LineState = Literal["pending", "created", "changed", "same", "refused"]


@router.get("")
async def list_imports(hub: HubDep, _caller: Viewer) -> list[ImportOut]:
    """The latest fifty."""
    return await hub.database.read(lambda tx: [_shown(tx, row.id) for row in catalog_imports.recent(tx)])


@router.post("", status_code=201)
async def begin_import(wish: ImportIn, hub: HubDep, caller: Operations, now: Now) -> ImportOut:
    """A new import, or the unfinished one of a file with the same digest."""

    def work(tx: Connection) -> ImportOut:
        return _shown(tx, catalog_imports.begin(tx, wish.digest, wish.name, by=caller, now=now))

    return await hub.database.write(work)


@router.post("/{job}/rows")
async def add_import_rows(job: Id, wish: ImportRowsIn, hub: HubDep, _caller: Operations) -> ImportOut:
    """Send rows; one that is there already (by its number) stays as it is, so that a part can be sent again."""
    lines = [_line(number, row) for number, row in enumerate(wish.rows, start=wish.first)]

    def work(tx: Connection) -> ImportOut:
        catalog_imports.add(tx, job, lines)
        return _shown(tx, job)

    return await hub.database.write(work)


@router.post("/{job}/table")
async def add_import_table(
    job: Id,
    table: Annotated[bytes, Body(media_type="text/csv", description="a header, then a row per variant")],
    hub: HubDep,
    _caller: Operations,
    first: Annotated[int, Query(ge=1, le=10_000_000, description="the number of the first row below the header")] = 2,
) -> ImportOut:
    """The same as CSV; a large file is sent in parts, each with the header."""
    try:
        lines = table.decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise ProblemError(
            422, "bad_request", f"the table is not UTF-8: {error.reason} at byte {error.start}"
        ) from None

    def work(tx: Connection) -> ImportOut:
        catalog_imports.add(tx, job, [Line(*row) for row in read_sheet(lines, dictionary(tx), first)])
        return _shown(tx, job)

    return await hub.database.write(work)


@router.post("/{job}/start", status_code=202)
async def start_import(job: Id, hub: HubDep, importer: ImporterDep, _caller: Operations) -> ImportOut:
    """Every row is there: carry them out."""
    await hub.database.write(lambda tx: catalog_imports.complete(tx, job))
    importer.start(job)
    return await hub.database.read(lambda tx: _shown(tx, job))


@router.get("/{job}")
async def show_import(job: Id, hub: HubDep, _caller: Viewer) -> ImportOut:
    """How far it is."""
    return await hub.database.read(lambda tx: _shown(tx, job))


@router.get("/{job}/rows")
async def import_rows(
    job: Id,
    hub: HubDep,
    _caller: Viewer,
    state: LineState | None = None,
    after: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[ImportRowOut]:
    """What became of each row, in the order of the file; `after` goes on from the last line of the page before."""

    def work(tx: Connection) -> list[ImportRowOut]:
        catalog_imports.load(tx, job)
        rows = catalog_imports.results(tx, job, state=state or "", after=after, limit=limit)
        return [ImportRowOut.model_validate(row) for row in rows]

    return await hub.database.read(work)


def _line(number: int, row: dict[str, object]) -> Line:
    has_id = isinstance(row.get("id"), str) and row["id"]
    return Line(number, row, "" if has_id else "id: every row names its product; give it")


def _shown(tx: Connection, job: str) -> ImportOut:
    return ImportOut.model_validate(
        catalog_imports.load(tx, job)._asdict() | {"counts": catalog_imports.counts(tx, job)}
    )
