"""Exceptions of content by cause: opened with the first listing that a cause holds up, closed with the last."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from db.exceptions import close_cause, open_cause
from db.tables.content import OfferedListingRow
from domain.causes import Cause
from domain.content import causes

OFFERED = OfferedListingRow.__table__  # type: ignore[attr-defined]


def tell(tx: Connection, before: Row[Any], after: Mapping[str, Any], now: datetime) -> None:
    """One listing has changed: `before` is its row, `after` what was written of it."""
    _follow(tx, before, {name: after.get(name, getattr(before, name)) for name in ("error_code", "error_field")}, now)
    _follow(
        tx, before, {"held_by": after.get("held_by", before.held_by)} | {"held": after.get("held", before.held)}, now
    )


def _follow(tx: Connection, before: Row[Any], after: Mapping[str, Any], now: datetime) -> None:
    keys = [name for name in after if name != "held"]
    if all(getattr(before, name) == after[name] for name in keys):
        return
    old, new = _cause(before, before._asdict(), keys), _cause(before, after, keys)
    if new:
        open_cause(tx, new, now, connection_id=before.connection_id)
    others = [OFFERED.c[name] == getattr(before, name) for name in keys]
    still = select(OFFERED.c.product_id).where(OFFERED.c.connection_id == before.connection_id, *others).limit(1)
    if old and (new is None or new.code != old.code) and tx.execute(still).first() is None:
        close_cause(tx, old.code, now, by="cause gone")


def _cause(row: Row[Any], at: Mapping[str, Any], keys: list[str]) -> Cause | None:
    if "error_code" in keys:
        code, name = at["error_code"], at["error_field"]
        return causes.rejected(row.connection_id, name, code, row.product_id) if code else None
    gate = at["held_by"]
    if not gate or gate.startswith("launch:"):  # a launch that runs needs nobody
        return None
    findings = at["held"].get("findings", ())
    text = next((f"{one['text']}; {one['remedy']}" for one in findings if one["gate"] == gate), "")
    return causes.held(row.connection_id, gate, row.product_id, text)
