"""Connections: their sealed configuration, their mode, and the switches that stop their writes."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, or_, select, update

from db.exceptions import close_cause, open_cause, orders_held_by, returns_held_by
from db.facts import Fact, record_for_each
from db.launch_facts import wake_for_connection
from db.order_reading import CONNECTIONS, SWITCHES
from db.returns.rows import wake
from db.rows import row
from db.upsert import put
from db.vault import Cipher
from domain.causes import Cause
from domain.errors import DomainError
from domain.returns.refund_plan import class_of

Mode = Literal["onboarding", "shadow", "on"]
Captures = Literal["channel", "hub", "hub_once"]
"""Who takes the money: the channel; the hub, parcel by parcel; or the hub once, when all has left."""
EVERYTHING = "all"
OVERLAP = "webhook_overlap_until"
"""The setting that says until when a replaced webhook secret still counts."""
SIGNING = ("webhook_secrets", "client_secrets")
"""What connectors call the list of secrets that sign webhooks, the current one first."""


def every(tx: Connection) -> list[Row[Any]]:
    return list(tx.execute(select(CONNECTIONS).order_by(CONNECTIONS.c.id)))


def find(tx: Connection, connection_id: str) -> Row[Any] | None:
    return row(tx, CONNECTIONS, connection_id)


def load(tx: Connection, connection_id: str) -> Row[Any]:
    row = find(tx, connection_id)
    if row is None:
        raise DomainError("unknown_connection", f"there is no connection {connection_id!r}; list them to find its id")
    return row


def payments_of(connection: Row[Any], tender: str) -> str:
    """Who holds the money of a tender: the payment provider that the connection's settings name, else itself.

    A gift card or a store credit is the shop's own, whoever takes its cards.
    """
    own = class_of(tender, connection.settings.get("tenders", {})) in {"gift_card", "store_credit"}
    return connection.id if own else str(connection.settings.get("payments") or connection.id)


def create(
    tx: Connection,
    cipher: Cipher,
    connection_id: str,
    *,
    platform: str,
    config: Mapping[str, Any],
    now: datetime,
    name: str = "",
    market: str = "",
    captures: Captures = "channel",
    settings: Mapping[str, Any] | None = None,
) -> None:
    """A new connection is in mode onboarding: what its webhooks tell is rehearsed as in shadow, and it is not swept."""
    if find(tx, connection_id) is not None:
        raise DomainError(
            "connection_exists", f"there is a connection {connection_id!r}; change it or choose another id"
        )
    tx.execute(
        CONNECTIONS.insert().values(
            id=connection_id, platform=platform, name=name or connection_id, market=market, captures=captures,
            sealed_config=_seal(cipher, connection_id, config), mode="onboarding", pause_reason="",
            settings=dict(settings or {}), created_at=now,
        )
    )  # fmt: skip


def change(tx: Connection, connection_id: str, **values: Any) -> None:
    """Set name, market, captures, mode, starts_at or settings."""
    if values:
        tx.execute(update(CONNECTIONS).where(CONNECTIONS.c.id == connection_id).values(**values))


def config_of(cipher: Cipher, row: Row[Any], now: datetime) -> dict[str, Any]:
    """The configuration with its secrets, as the connector's Config takes it.

    A webhook secret that was replaced is left out once its time is over.
    """
    config: dict[str, Any] = json.loads(cipher.decrypt(row.sealed_config, _place(row.id)))
    until = row.settings.get(OVERLAP)
    if until and now >= datetime.fromisoformat(until):
        config = {name: value[:1] if name in SIGNING else value for name, value in config.items()}
    return config


def put_config(tx: Connection, cipher: Cipher, connection_id: str, config: Mapping[str, Any]) -> None:
    change(tx, connection_id, sealed_config=_seal(cipher, connection_id, config))


def rotate_webhook_secret(
    tx: Connection, cipher: Cipher, connection_id: str, secret: str, *, keep_for: timedelta, now: datetime
) -> datetime:
    """The new secret signs from now on; the current one still counts until the returned moment."""
    row = load(tx, connection_id)
    config = config_of(cipher, row, now)
    name = next((name for name in SIGNING if config.get(name)), None)
    if name is None:
        raise DomainError("no_webhook_secret", f"{row.platform} signs no webhooks with a secret that can be replaced")
    old = [known for known in config[name][:1] if known != secret]
    until = now + keep_for
    put_config(tx, cipher, connection_id, config | {name: [secret, *old]})
    change(tx, connection_id, settings=row.settings | {OVERLAP: until.isoformat()})
    return until


def pause(tx: Connection, connection_id: str, *, reason: str, now: datetime) -> bool:
    """No write reaches it until it is resumed, and a person is told why; False if it was paused already."""
    load(tx, connection_id)
    paused = tx.execute(
        update(CONNECTIONS)
        .where(CONNECTIONS.c.id == connection_id, CONNECTIONS.c.paused_at.is_(None))
        .values(paused_at=now, pause_reason=reason)
    )
    if paused.rowcount:
        open_cause(tx, _paused(connection_id, reason), now, connection_id=connection_id)
    return bool(paused.rowcount)


def resume(tx: Connection, connection_id: str, *, now: datetime) -> tuple[str, ...]:
    """Writes go on; returns the orders that waited for it and are woken. Repeatable."""
    load(tx, connection_id)
    change(tx, connection_id, paused_at=None, pause_reason="")
    tx.execute(
        update(SWITCHES)
        .where(or_(SWITCHES.c.name == connection_id, SWITCHES.c.name.startswith(f"{connection_id}:", autoescape=True)))
        .values(on=False, changed_at=now)
    )
    return let_go(tx, connection_id, now)


def let_go(tx: Connection, connection_id: str, now: datetime) -> tuple[str, ...]:
    """Wake what waited for it, unless it is still paused; returns the orders. Those that may not go on wait again."""
    wake_for_connection(tx, connection_id, now)
    is_paused = everything_is_stopped(tx) or load(tx, connection_id).paused_at is not None
    return () if is_paused else _let_go(tx, connection_id, now)


def stop_everything(tx: Connection, *, reason: str, now: datetime) -> None:
    """No write reaches any connection; what comes in is still taken and planned."""
    row = {"name": EVERYTHING, "on": True, "reason": reason, "changed_at": now}
    put(tx, SWITCHES, row, keys=("name",))


def start_everything(tx: Connection, *, now: datetime) -> tuple[str, ...]:
    """Writes go on, except to connections that are paused by themselves; returns the orders that are woken."""
    tx.execute(update(SWITCHES).where(SWITCHES.c.name == EVERYTHING).values(on=False, reason="", changed_at=now))
    running = [row.id for row in every(tx) if row.paused_at is None]
    return tuple(order_id for connection_id in running for order_id in _let_go(tx, connection_id, now))


def everything_is_stopped(tx: Connection) -> bool:
    return bool(tx.execute(select(SWITCHES.c.on).where(SWITCHES.c.name == EVERYTHING)).scalar())


def switches(tx: Connection) -> list[Row[Any]]:
    return list(tx.execute(select(SWITCHES).order_by(SWITCHES.c.name)))


def _let_go(tx: Connection, connection_id: str, now: datetime) -> tuple[str, ...]:
    code = _paused(connection_id).code
    held = orders_held_by(tx, code)
    record_for_each(tx, held, Fact("resumed", f"resumed:{connection_id}@{now.isoformat()}", now, "tutti"), now)
    wake(tx, returns_held_by(tx, code), now)
    close_cause(tx, code, now, by="resumed")
    return held


def _paused(connection_id: str, reason: str = "") -> Cause:
    return Cause(
        kind="paused",
        subject=connection_id,
        title=f"Writes to {connection_id} are paused" + (f": {reason}" if reason else ""),
        remedy="Mend the cause that the connection names, then resume it; or switch it on, if it is not on yet.",
        severity="critical",
        blocks=False,
    )


def _seal(cipher: Cipher, connection_id: str, config: Mapping[str, Any]) -> bytes:
    return cipher.encrypt(json.dumps(config, sort_keys=True).encode(), _place(connection_id))


def _place(connection_id: str) -> bytes:
    return f"connection:{connection_id}".encode()
