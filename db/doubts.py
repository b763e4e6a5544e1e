"""A person says what became of a write whose outcome the hub cannot find out."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db.corrections import recall_asked
from db.effects import confirm
from db.facts import Fact, lock, record
from db.fulfillment import patience
from db.order_reading import EFFECTS, FULFILLMENT_ORDERS, ORDERS, SHIPMENTS
from db.rows import change, one
from domain.errors import DomainError
from domain.order_state import TO_SEND

Settle = Callable[[Connection, Row[Any], str, datetime], None]


def settle(tx: Connection, order_id: str, key: str, *, happened: bool, reference: str, by: str, now: datetime) -> int:
    """`reference` is what the platform calls it. What did not happen is done again, without a look-up first."""
    lock(tx, order_id)
    effect = tx.execute(select(EFFECTS).where(EFFECTS.c.key == key, EFFECTS.c.order_id == order_id)).first()
    if effect is None:
        raise DomainError("unknown_effect", f"order {order_id} has no effect {key}; its page lists them")
    if effect.state != "in_doubt":
        raise DomainError("not_in_doubt", f"{key} is {effect.state}: nothing is left to say about it")
    if happened:
        _believe(tx, effect, reference, by, now)
    else:
        again = {"state": "intent", "called_at": None, "attempts": 0, "error_code": "said_not_done"}
        tx.execute(update(EFFECTS).where(EFFECTS.c.key == key).values(again))
    data = {"effect": key, "happened": happened, "reference": reference}
    return record(tx, order_id, [Fact("doubt_settled", f"doubt:{key}:{now.isoformat()}", now, by, data)], now)


def _believe(tx: Connection, effect: Row[Any], reference: str, by: str, now: datetime) -> None:
    if effect.kind not in _TRUE:
        raise DomainError(
            "needs_proof",
            f"{effect.kind}: money counts as moved only when the platform shows it; say that it did not happen, or wait",
        )
    _TRUE[effect.kind](tx, effect, reference, now)
    confirm(tx, effect.key, {"said_by": by, "external_id": reference}, now)


def _subject(effect: Row[Any]) -> str:
    """What the key is about, without the kind before and the version behind."""
    return str(effect.key).split(":")[1]


def _sent(tx: Connection, effect: Row[Any], reference: str, now: datetime) -> None:
    if not reference:
        raise DomainError("no_reference", "reference: say what the location's platform calls the fulfillment order")
    f = one(tx, FULFILLMENT_ORDERS, _subject(effect))
    values: dict[str, Any] = {"external_id": reference, "sent_at": now}
    if f.state in TO_SEND:
        values |= {"state": "sent", "due_at": now + patience(tx, f.location_id, "accept_within_hours")}
    change(tx, FULFILLMENT_ORDERS, f.id, **values)


def _recalled(tx: Connection, effect: Row[Any], _reference: str, now: datetime) -> None:
    recall_asked(tx, _subject(effect), now)


def _tracked(tx: Connection, effect: Row[Any], reference: str, now: datetime) -> None:
    change(tx, SHIPMENTS, _subject(effect), report="reported", reported_at=now, shown_as=reference)


def _cancel_told(tx: Connection, effect: Row[Any], _reference: str, now: datetime) -> None:
    change(tx, ORDERS, effect.order_id, cancel_told_at=now)


_TRUE: dict[str, Settle] = {"send": _sent, "recall": _recalled, "tracking": _tracked, "cancel": _cancel_told}
