"""What a return asks of the outside: each duty is made once, and done, refused or skipped."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from db.order_reading import EFFECTS
from db.returns.rows import DUTIES
from db.rows import find as find_rows
from db.rows import one
from db.upsert import insert_once
from domain.returns.state import DutyKind, DutyState

_SETTLE = DUTIES.update().where(DUTIES.c.id == bindparam("this"), DUTIES.c.state.in_(("", "refused")))


def add(tx: Connection, row: Row[Any], kind: DutyKind, connection_id: str, *, about: str = "") -> None:
    """The same kind about the same thing is one duty, in each round of the return."""
    named = f"{row.id}:{kind}{':' + about if about else ''}"
    number = len(find_rows(tx, DUTIES, return_id=row.id))
    duty = {
        "id": named if row.round == 1 or kind == "refund" else f"{named}:again{row.round}", "return_id": row.id, "number": int(number), "kind": kind,
        "about": about, "connection_id": connection_id, "state": "", "shown": None, "round": row.round,
    }  # fmt: skip
    insert_once(tx, DUTIES, [duty])


def find(tx: Connection, duty_id: str) -> Row[Any]:
    return one(tx, DUTIES, duty_id)


def settle(tx: Connection, duty_id: str, state: DutyState, shown: dict[str, Any] | None = None) -> bool:
    """False if it was settled before; a refused one may still turn out to be done."""
    return bool(tx.execute(_SETTLE, {"this": duty_id, "state": state, "shown": shown}).rowcount)


def drop_open(tx: Connection, return_id: str, *kinds: DutyKind) -> None:
    """They are not wanted any more."""
    mine = (DUTIES.c.return_id == return_id, DUTIES.c.kind.in_(kinds), DUTIES.c.state.in_(("", "refused")))
    tx.execute(DUTIES.update().where(*mine).values(state="skipped"))


def drop_unbegun(tx: Connection, return_id: str, *kinds: DutyKind) -> None:
    """Those that no call was made for; one that may have landed is brought to its end, so that it can be undone."""
    begun = select(EFFECTS.c.key).where(EFFECTS.c.return_id == return_id, EFFECTS.c.called_at.is_not(None))
    keys = set(tx.execute(begun).scalars())
    mine = (DUTIES.c.return_id == return_id, DUTIES.c.kind.in_(kinds), DUTIES.c.state == "")
    for duty in tx.execute(select(DUTIES.c.id).where(*mine)).scalars().all():
        if f"return:{duty}" not in keys:
            settle(tx, duty, "skipped")


def asked_of(tx: Connection, return_id: str, kind: DutyKind, *, round_no: int | None = None) -> str | None:
    """The connection that made such a write (in this round, if named), or is making it."""
    mine = [DUTIES.c.return_id == return_id, DUTIES.c.kind == kind, DUTIES.c.state.in_(("", "done"))]
    if round_no is not None:
        mine.append(DUTIES.c.round == round_no)
    return tx.execute(select(DUTIES.c.connection_id).where(*mine)).scalar()
