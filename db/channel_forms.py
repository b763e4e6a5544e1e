"""Forms of connections by version, and what platforms publish that they want: a version never changes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, insert, select, update

from db import connections
from db.content_marks import mark_connection
from db.launch_edits import form_changed
from db.tables.catalog import ChannelFormRow, ChannelSchemaRow
from db.upsert import put
from domain.catalog.form import ChannelForm
from domain.changes import Change, changes
from domain.errors import DomainError

FORMS: Table = ChannelFormRow.__table__  # type: ignore[attr-defined]
SCHEMAS: Table = ChannelSchemaRow.__table__  # type: ignore[attr-defined]


def every(tx: Connection, connection_id: str) -> list[Row[Any]]:
    """Newest first."""
    mine = select(FORMS).where(FORMS.c.connection_id == connection_id)
    return list(tx.execute(mine.order_by(FORMS.c.created_at.desc(), FORMS.c.version)))


def active(tx: Connection, connection_id: str) -> ChannelForm:
    """The one in force; DomainError where none is."""
    body = tx.execute(select(FORMS.c.body).where(FORMS.c.connection_id == connection_id, FORMS.c.active)).scalar()
    if body is None:
        raise DomainError(
            "unknown_form", f"connection {connection_id} has no form; write one under forms in tutti.yaml and apply it"
        )
    return ChannelForm.model_validate(body)


def with_forms(tx: Connection) -> list[str]:
    """Connections that have a form in force."""
    return list(
        tx.execute(select(FORMS.c.connection_id).where(FORMS.c.active).order_by(FORMS.c.connection_id)).scalars()
    )


def load(tx: Connection, connection_id: str, version: str) -> ChannelForm:
    which = (FORMS.c.connection_id == connection_id, FORMS.c.version == version)
    body = tx.execute(select(FORMS.c.body).where(*which)).scalar()
    if body is None:
        raise DomainError("unknown_form", f"{connection_id} has no form of version {version!r}; list its versions")
    return ChannelForm.model_validate(body)


def add(tx: Connection, connection_id: str, form: ChannelForm, *, by: str, now: datetime) -> bool:
    """Store a version, not yet in force; False if exactly this one is stored already."""
    connections.load(tx, connection_id)
    which = (FORMS.c.connection_id == connection_id, FORMS.c.version == form.version)
    known = tx.execute(select(FORMS.c.body).where(*which)).scalar()
    if known is not None:
        if ChannelForm.model_validate(known) == form:
            return False
        raise DomainError("version_taken", f"version: {form.version!r} is another form; choose a new version")
    row = {"connection_id": connection_id, "version": form.version, "body": plain(form), "active": False}
    tx.execute(insert(FORMS).values(**row, created_at=now, created_by=by))
    return True


def activate(tx: Connection, connection_id: str, version: str, *, now: datetime) -> str | None:
    """Fill this version from now on; returns the one that was in force before."""
    load(tx, connection_id, version)
    mine = FORMS.c.connection_id == connection_id
    before = tx.execute(select(FORMS.c.version).where(mine, FORMS.c.active)).scalar()
    if before != version:
        tx.execute(update(FORMS).where(mine, FORMS.c.active).values(active=False))
        tx.execute(update(FORMS).where(mine, FORMS.c.version == version).values(active=True))
        mark_connection(tx, connection_id, now)
        form_changed(tx, connection_id, now)
    return before


def plain(form: ChannelForm) -> dict[str, Any]:
    """As it is written down: whatever is as it would be anyway is left out."""
    return form.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def diff(tx: Connection, connection_id: str, before: str, after: str) -> tuple[Change, ...]:
    """What changes from one version to another; rules go by the channel's names of the fields."""
    old, new = (_by_field(plain(load(tx, connection_id, version))) for version in (before, after))
    return tuple(change for change in changes(old, new) if change.field != "version")


def _by_field(body: dict[str, Any]) -> dict[str, Any]:
    """Several rules may add to one list (`meta_data[]`): those are told apart by a number."""
    rules = {name: _numbered(body.get(name, ())) for name in ("fields", "variants")}
    return body | {name: by_field for name, by_field in rules.items() if by_field}


def _numbered(rules: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for rule in rules:
        same = sum(1 for name in found if name.partition(" #")[0] == rule["to"])
        found[f"{rule['to']} #{same + 1}" if same else rule["to"]] = rule
    return found


class KeptSchema(NamedTuple):
    """What a platform published of a product type, and when that was."""

    body: Mapping[str, Any]
    read_at: datetime


def schema(tx: Connection, connection_id: str, kind: str) -> KeptSchema | None:
    """As it was when the platform was last asked; None: it never was."""
    which = (SCHEMAS.c.connection_id == connection_id, SCHEMAS.c.kind == kind)
    row = tx.execute(select(SCHEMAS.c.body, SCHEMAS.c.read_at).where(*which)).first()
    return KeptSchema(*row) if row else None


def put_schema(tx: Connection, connection_id: str, kind: str, body: Mapping[str, Any], *, now: datetime) -> None:
    row = {"connection_id": connection_id, "kind": kind, "body": dict(body), "read_at": now}
    put(tx, SCHEMAS, row, keys=("connection_id", "kind"))
