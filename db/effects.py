"""The effect ledger: every write to the outside is intended before it is made, and settled after it is proven."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from connectors.contract import Begun, Effect
from db import connections
from db.order_reading import EFFECTS, SWITCHES, is_paused
from db.upsert import insert_once

_ATTEMPTS = select(EFFECTS.c.attempts).where(EFFECTS.c.key == bindparam("this"))
_CHANGE = update(EFFECTS).where(EFFECTS.c.key == bindparam("this"))
_CHANGE_OPEN = _CHANGE.where(EFFECTS.c.state.in_(("intent", "in_doubt")))


def begin(tx: Connection, effect: Effect, now: datetime) -> Begun:
    """Commit the intent; says whether the call may be made, must be looked up first, is done, or is held back."""
    if is_paused(tx, effect.connection_id):
        return Begun(state="held")
    row = {
        "key": effect.key, "kind": effect.kind, "connection_id": effect.connection_id, "order_id": effect.order_id,
        "return_id": effect.return_id, "state": "intent", "attempts": 1, "intended_at": now, "called_at": now, "error_code": "",
    }  # fmt: skip
    if insert_once(tx, EFFECTS, [row]):
        return Begun(state="call", called_at=now)
    known = tx.execute(select(EFFECTS).where(EFFECTS.c.key == effect.key)).one()
    if known.state in {"confirmed", "rejected"}:
        return Begun(state="done")
    called_at = known.called_at or now
    tx.execute(
        update(EFFECTS).where(EFFECTS.c.key == effect.key).values(attempts=EFFECTS.c.attempts + 1, called_at=called_at)
    )
    return Begun(state="look_first" if known.called_at else "call", called_at=called_at)


def attempts(tx: Connection, key: str) -> int:
    """How often it was tried."""
    return int(tx.execute(_ATTEMPTS, {"this": key}).scalar() or 0)


def called_again(tx: Connection, key: str, now: datetime) -> None:
    """The first call has provably not landed; another one is about to be made."""
    tx.execute(update(EFFECTS).where(EFFECTS.c.key == key).values(called_at=now))


def not_done(tx: Connection, key: str, code: str) -> None:
    """The platform provably did nothing (it said so): the next attempt need not look first."""
    tx.execute(update(EFFECTS).where(EFFECTS.c.key == key).values(state="intent", called_at=None, error_code=code))


def doubt(tx: Connection, key: str, code: str) -> None:
    """It is not known whether the write was made."""
    tx.execute(update(EFFECTS).where(EFFECTS.c.key == key).values(state="in_doubt", error_code=code))


def confirm(tx: Connection, key: str, proof: dict[str, Any], now: datetime) -> None:
    """The read-back showed the expected state; in the transaction of the fact that it makes true."""
    values: dict[str, Any] = {"state": "confirmed", "proof": proof, "settled_at": now, "error_code": ""}
    tx.execute(_CHANGE, {"this": key, **values})


def proven(tx: Connection, key: str, by: str, now: datetime) -> None:
    """A fact shows that the write was made, before its own read-back did; changes nothing that is settled."""
    values: dict[str, Any] = {"state": "confirmed", "proof": {"fact": by}, "settled_at": now, "error_code": ""}
    tx.execute(_CHANGE_OPEN, {"this": key, **values})


def never_made(tx: Connection, key: str, code: str, now: datetime) -> None:
    """The write has provably not been made and is wanted no more; changes nothing that is settled."""
    tx.execute(_CHANGE_OPEN, {"this": key, "state": "rejected", "error_code": code, "settled_at": now})


def recall_is_moot(tx: Connection, order_id: str, f_id: str, by: str, now: datetime) -> None:
    """The fulfillment order has ended: whether a recall arrived needs no answer any more."""
    mine = (EFFECTS.c.order_id == order_id, EFFECTS.c.key.startswith(f"recall:{f_id}:", autoescape=True))
    open_still = EFFECTS.c.state.in_(("intent", "in_doubt"))
    values: dict[str, Any] = {"state": "confirmed" if by == "canceled" else "rejected", "error_code": by}
    tx.execute(update(EFFECTS).where(*mine, open_still).values(**values, settled_at=now))


def send_key(f_id: str) -> str:
    """The key of the effect that sends a fulfillment order."""
    return f"send:{f_id}"


def reject(tx: Connection, key: str, code: str, now: datetime) -> None:
    """The platform said no for good; a person or another plan goes on from here."""
    tx.execute(update(EFFECTS).where(EFFECTS.c.key == key).values(state="rejected", error_code=code, settled_at=now))


def try_again(tx: Connection, order_id: str) -> None:
    """What the channel refused to be told of an order may be told once more; a location that refused stays refused."""
    told = EFFECTS.c.kind.in_(("tracking", "capture", "void", "refund", "cancel"))
    mine = (EFFECTS.c.order_id == order_id, EFFECTS.c.state == "rejected", told)
    tx.execute(update(EFFECTS).where(*mine).values(state="intent", called_at=None, settled_at=None, attempts=0))


def pause(tx: Connection, connection_id: str, kind: str, reason: str, now: datetime) -> None:
    """Credentials were refused: for the whole connection (kind empty), or for one kind of write."""
    if kind:
        insert_once(tx, SWITCHES, [{"name": f"{connection_id}:{kind}", "on": True, "reason": "", "changed_at": now}])
        tx.execute(
            update(SWITCHES)
            .where(SWITCHES.c.name == f"{connection_id}:{kind}")
            .values(on=True, reason=reason, changed_at=now)
        )
    else:
        connections.pause(tx, connection_id, reason=reason, now=now)
