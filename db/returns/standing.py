"""Where a return stands: computed from its facts, kept in its row, mirrored in the exceptions."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from db.exceptions import sync
from db.returns import duties, goods
from db.returns.money import give
from db.returns.policies import load as load_policy
from db.returns.reading import load
from db.returns.rows import change, row_of, tell
from db.vault import Vault
from domain.returns.causes import causes_of
from domain.returns.progress import Progress, Wants, progress, wants
from domain.returns.state import ReturnState

ROUNDS = 4
"""What one step changes may demand another: an expired return is settled, then wound up."""


def settle(tx: Connection, vault: Vault, return_id: str, now: datetime) -> Progress:
    """Carry out what facts and clock demand, and bring row and exceptions up to date. Call it under the order's lock."""
    state = load(tx, return_id)
    for _ in range(ROUNDS):
        wanted = wants(state, now)
        if not wanted:
            break
        _carry_out(tx, vault, row_of(tx, return_id), state, wanted, now)
        state = load(tx, return_id)
    standing = progress(state, now)
    sync(tx, state.order_id, causes_of(state), now, return_id=return_id)
    values: dict[str, Any] = {
        "state": standing.outcome or standing.stage, "why": standing.headline, "outcome": standing.outcome,
    }  # fmt: skip
    if standing.outcome is not None:
        values |= {"run_open": False, "closed_at": row_of(tx, return_id).closed_at or now}
    change(tx, return_id, **values)
    return standing


def _carry_out(tx: Connection, vault: Vault, row: Row[Any], state: ReturnState, wanted: Wants, now: datetime) -> None:
    if wanted.expire:
        _expire(tx, row, state, now)
    elif wanted.give:
        give(tx, vault, row, state, now)
        notify(tx, row, "refund" if state.resolution == "refund" else "exchange")
    elif wanted.remind:
        change(tx, row.id, remind_at=None)
        tell(tx, row, "reminded", "reminded", now=now, by="tutti", wakes=False)
        notify(tx, row, "reminder")
    elif wanted.wind_up:
        _wind_up(tx, row, state)


def reopen(tx: Connection, row: Row[Any]) -> Row[Any]:
    """What had ended is wanted again: the channel, if it was told of an end, opens it once more, and is told anew."""
    change(tx, row.id, outcome=None, closed_at=None)
    duties.drop_open(tx, row.id, "close", "void_label")
    if duties.asked_of(tx, row.id, "close", round_no=row.round) or duties.asked_of(
        tx, row.id, "void_label", round_no=row.round
    ):
        change(tx, row.id, round=row.round + 1)
        row = row_of(tx, row.id)
        if row.external_id:
            duties.add(tx, row, "register", row.connection_id)
    return row_of(tx, row.id)


def _expire(tx: Connection, row: Row[Any], state: ReturnState, now: datetime) -> None:
    """Nothing more is waited for; what was paid for and never came is claimed back."""
    owed_back = state.unpaid_missing > 0 and not row.claw_back
    change(tx, row.id, expired=True, claw_back="due" if owed_back else row.claw_back)
    goods.release(tx, row, by="tutti", now=now, keep_paid=True)
    tell(tx, row, "expired", "expired", now=now, by="tutti", data={"missing": state.missing}, wakes=False)
    give_back_label(tx, row)
    notify(tx, row, "expired")


def give_back_label(tx: Connection, row: Row[Any]) -> None:
    """A label that no parcel travels on."""
    carrier = duties.asked_of(tx, row.id, "label", round_no=row.round)
    if carrier and row.first_scan_at is None:
        duties.add(tx, row, "void_label", carrier)


def _wind_up(tx: Connection, row: Row[Any], state: ReturnState) -> None:
    """The channel is told what came back, and that nothing more is expected."""
    if any(line.received for line in state.lines):
        duties.add(tx, row, "process", row.connection_id)
    duties.add(tx, row, "close", row.connection_id)


def notify(tx: Connection, row: Row[Any], message: str) -> None:
    """Write to the buyer, where the policy says that the hub does."""
    if load_policy(tx, row.policy_version).notify == "hub":
        duties.add(tx, row, "notify", "", about=message)


def begin(tx: Connection, row: Row[Any], now: datetime) -> None:
    """It was approved: what it asks of the outside, and until when it waits."""
    policy = load_policy(tx, row.policy_version)
    duties.add(tx, row, "register", row.connection_id)
    if row.method == "label" and policy.carrier_connection:
        duties.add(tx, row, "label", policy.carrier_connection)
    change(
        tx, row.id,
        remind_at=now + timedelta(days=policy.remind_after_days) if row.method in {"label", "drop_off"} else None,
        expires_at=now + timedelta(days=policy.expires_after_days),
    )  # fmt: skip
    notify(tx, row, "approved")
