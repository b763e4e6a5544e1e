"""Files of products on their way in: kept row by row, carried out some at a time, with what became of each."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, func, insert, select, update

from db import audit, catalog
from db.actors import Actor
from db.catalog import Author, Saved
from db.tables.catalog import CatalogImportLineRow, CatalogImportRow
from db.upsert import insert_once
from db.words import dictionary
from domain.catalog.dictionary import Dictionary
from domain.catalog.document import document, merged
from domain.errors import DomainError

IMPORTS: Table = CatalogImportRow.__table__  # type: ignore[attr-defined]
LINES: Table = CatalogImportLineRow.__table__  # type: ignore[attr-defined]
AT_ONCE = 10
"""Rows per transaction: other writers wait no longer than these take."""


class Line(NamedTuple):
    """One row of a file; `problem` says why nothing could be read of it."""

    number: int
    patch: Mapping[str, Any] | None
    problem: str = ""


def begin(tx: Connection, digest: str, name: str, *, by: Actor, now: datetime) -> str:
    """A new import, or the unfinished one of the same file: it goes on where it stopped."""
    same = select(IMPORTS.c.id).where(IMPORTS.c.digest == digest, IMPORTS.c.finished_at.is_(None))
    if digest and (known := tx.execute(same.limit(1)).scalar()):
        return str(known)
    import_id = f"import_{secrets.token_hex(8)}"
    row = {"id": import_id, "digest": digest, "name": name, "actor": by.name, "created_at": now, "complete": False}
    tx.execute(insert(IMPORTS).values(row))
    audit.record(tx, by, "product.import", import_id, now=now, after={"file": name})
    return import_id


def add(tx: Connection, import_id: str, lines: Iterable[Line]) -> int:
    """Keep rows; those that are there already stay as they are. Returns how many were new."""
    if load(tx, import_id).complete:
        raise DomainError("import_complete", "every row has been said to be there; make a new import for more")
    return insert_once(tx, LINES, [_row(import_id, line) for line in lines])


def complete(tx: Connection, import_id: str) -> None:
    """Every row is there; repeatable."""
    load(tx, import_id)
    tx.execute(update(IMPORTS).where(IMPORTS.c.id == import_id).values(complete=True))


def step(tx: Connection, import_id: str, now: datetime) -> bool:
    """Carry out the next rows; False when none are left. Whoever repeats it finds them done."""
    job = tx.execute(select(IMPORTS).where(IMPORTS.c.id == import_id).with_for_update()).one()
    if job.finished_at is not None:
        return False
    by, words = Author(job.actor, f"import:{import_id}"), dictionary(tx)
    some = _pending(tx, import_id)
    groups: dict[str, list[Row[Any]]] = {}
    for line in some:
        groups.setdefault(line.product_id, []).append(line)
    for product_id, lines in groups.items():
        _take(tx, product_id, lines, by, words, now)
    if not some and job.complete:
        tx.execute(update(IMPORTS).where(IMPORTS.c.id == import_id).values(finished_at=now))
    return bool(some)


def load(tx: Connection, import_id: str) -> Row[Any]:
    row = tx.execute(select(IMPORTS).where(IMPORTS.c.id == import_id)).first()
    if row is None:
        raise DomainError("unknown_import", f"there is no import {import_id}; list the imports")
    return row


def recent(tx: Connection, limit: int = 50) -> list[Row[Any]]:
    """Newest first."""
    return list(tx.execute(select(IMPORTS).order_by(IMPORTS.c.created_at.desc(), IMPORTS.c.id).limit(limit)))


def counts(tx: Connection, import_id: str) -> dict[str, int]:
    """Rows by what became of them."""
    mine = (
        select(LINES.c.state, func.count().label("rows")).where(LINES.c.import_id == import_id).group_by(LINES.c.state)
    )
    return {row.state: row.rows for row in tx.execute(mine)}


def results(tx: Connection, import_id: str, *, state: str = "", after: int = 0, limit: int = 200) -> list[Row[Any]]:
    """Rows in the order of the file."""
    columns = (LINES.c.line, LINES.c.product_id, LINES.c.sku, LINES.c.state, LINES.c.detail)
    mine = select(*columns).where(LINES.c.import_id == import_id, LINES.c.line > after)
    if state:
        mine = mine.where(LINES.c.state == state)
    return list(tx.execute(mine.order_by(LINES.c.line).limit(limit)))


def unfinished(tx: Connection) -> list[str]:
    """Imports that have all their rows, and that a process left behind."""
    return list(tx.execute(select(IMPORTS.c.id).where(IMPORTS.c.complete, IMPORTS.c.finished_at.is_(None))).scalars())


def _row(import_id: str, line: Line) -> dict[str, Any]:
    patch = line.patch or {}
    variants = patch.get("variants")
    skus = list(variants) if isinstance(variants, Mapping) else []
    return {
        "import_id": import_id, "line": line.number, "product_id": str(patch.get("id", ""))[:200],
        "sku": str(skus[0])[:200] if len(skus) == 1 else "", "patch": line.patch,
        "state": "refused" if line.problem else "pending", "detail": line.problem,
    }  # fmt: skip


def _pending(tx: Connection, import_id: str) -> Sequence[Row[Any]]:
    """The next rows, and every other one of the last product among them, so that its rows go in together."""
    pending = select(LINES).where(LINES.c.import_id == import_id, LINES.c.state == "pending").order_by(LINES.c.line)
    some = list(tx.execute(pending.limit(AT_ONCE)))
    if len(some) < AT_ONCE:
        return some
    rest = pending.where(LINES.c.product_id == some[-1].product_id, LINES.c.line > some[-1].line)
    return [*some, *tx.execute(rest)]


def _take(tx: Connection, product_id: str, lines: list[Row[Any]], by: Author, words: Dictionary, now: datetime) -> None:
    """All rows of a product in one change; where that is refused, one by one, so that a bad row stops no other."""
    try:
        with tx.begin_nested():
            saved = _merge(tx, product_id, lines, by, words, now)
    except DomainError as refusal:
        if len(lines) == 1:
            _settle(tx, lines, "refused", str(refusal))
            return
        for line in lines:
            _take(tx, product_id, [line], by, words, now)
        return
    for line in lines:
        _settle(tx, [line], _outcome(saved, line))


def _merge(
    tx: Connection, product_id: str, lines: list[Row[Any]], by: Author, words: Dictionary, now: datetime
) -> Saved:
    patch: dict[str, Any] = {}
    for line in lines:
        patch = merged(patch, line.patch)
    if "options" not in patch:
        known = catalog.find(tx, product_id)
        patch |= _options(document(known) if known else {}, patch)
    return catalog.merge(tx, product_id, patch, by=by, now=now, words=words)


def _options(known: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The product's options with the values that its new variants bring; rows of a table name them one by one."""
    values: dict[str, dict[str, None]] = {
        option["name"]: dict.fromkeys(option["values"]) for option in known.get("options", ())
    }
    variants = patch.get("variants")
    for variant in variants.values() if isinstance(variants, Mapping) else ():
        options = variant.get("options") if isinstance(variant, Mapping) else None
        for name, value in options.items() if isinstance(options, Mapping) else ():
            values.setdefault(name, {})[value] = None
    return {"options": [{"name": name, "values": list(named)} for name, named in values.items()]} if values else {}


def _outcome(saved: Saved, line: Row[Any]) -> str:
    """A row of a product that changed is the same if only other variants of it did."""
    if saved.outcome != "changed" or not line.sku:
        return saved.outcome
    mine = f"variants.{line.sku}"
    touched = (f"{change.field}." for change in saved.changes)
    return "changed" if any(not t.startswith("variants.") or t.startswith(f"{mine}.") for t in touched) else "same"


def _settle(tx: Connection, lines: list[Row[Any]], state: str, detail: str = "") -> None:
    for line in lines:
        which = (LINES.c.import_id == line.import_id, LINES.c.line == line.line)
        tx.execute(update(LINES).where(*which).values(state=state, detail=detail))
