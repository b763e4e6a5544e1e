"""What is past its retention goes; what is still open, or kept for longer, stays."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert, select

from connectors.contract import Effect
from db.effects import begin, confirm
from db.forged import FORGED
from db.inbox import INBOX, Arrived, finish, store
from db.order_reading import DECISIONS, EFFECTS, ORDERS
from db.retention import forget
from db.session import Database
from runtime.settings import Settings
from tests.db.world import KEYS, NOW, channel_order, found, route, stock, take

KEPT = Settings()
FORGET = partial(
    forget,
    inbox=timedelta(days=KEPT.retention_inbox_days),
    effects=timedelta(days=KEPT.retention_effects_days),
    decisions=timedelta(days=KEPT.retention_decisions_days),
)


def happened(tx: Connection) -> None:
    """A delivery that was read and one that was not, a proven write and one in doubt, a decision, a forgery."""
    found(tx)
    stock(tx, "TEE", 1)
    for event in ("read", "unread"):
        store(tx, KEYS, Arrived("web", "orders/create", event, b"{}"), NOW)
    finish(tx, tx.execute(select(INBOX.c.id).where(INBOX.c.event_id == "read")).scalar_one(), "done", "order new", NOW)
    for key in ("proven", "open"):
        begin(tx, Effect(key=key, kind="cancel", connection_id="web"), NOW)
    confirm(tx, "proven", {}, NOW)
    route(tx, take(tx, channel_order(1, TEE=1)))
    tx.execute(insert(FORGED).values(connection_id="web", minute=NOW, count=3))


def left(tx: Connection, at: datetime) -> dict[str, list[str]]:
    FORGET(tx, at)
    columns = {"inbox": INBOX.c.event_id, "effects": EFFECTS.c.key, "decisions": DECISIONS.c.order_id,
               "forged": FORGED.c.connection_id, "orders": ORDERS.c.id}  # fmt: skip
    return {name: sorted(tx.execute(select(column)).scalars()) for name, column in columns.items()}


def test_deliveries_effects_and_decisions_go_when_their_days_are_over_and_orders_stay(database: Database) -> None:
    database.write_now(happened)
    seen = [database.write_now(partial(left, at=NOW + timedelta(days=days))) for days in (30, 31, 181, 401)]

    whole = {
        "inbox": ["read", "unread"], "effects": ["open", "proven"], "decisions": ["web-1"], "forged": ["web"],
        "orders": ["web-1"],
    }  # fmt: skip
    after_inbox = whole | {"inbox": ["unread"], "forged": []}
    after_effects = after_inbox | {"effects": ["open"]}
    assert seen == [whole, after_inbox, after_effects, after_effects | {"decisions": []}]
