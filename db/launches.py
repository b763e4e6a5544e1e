"""Launches as people make, change and decide them: every command is a fact, or refused with the reason."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from connectors.contract import capabilities
from connectors.registry import connector as connector_class
from db import connections, launch_stock
from db.actors import Actor
from db.audit import record
from db.catalog import load_many
from db.content_marks import mark_products
from db.launch_facts import note
from db.launch_reading import (
    APPROVALS,
    CHANNELS,
    LAUNCHES,
    LISTINGS,
    PRODUCTS,
    approvals_of,
    channels_of,
    content_of,
    row_of,
)
from domain.errors import DomainError
from domain.launch.approval import Approval, check_approval, check_content
from domain.launch.plan import BATCH, LaunchPlan, check_moment

REHEARSES_AS = "rehearses_as"
"""The setting of a connection that names the one (at a simulator) on which its launches are rehearsed."""


def create(tx: Connection, launch_id: str, plan: LaunchPlan, *, by: Actor, now: datetime) -> None:
    """Hold the products, plan a listing per product and channel; nothing is written anywhere else yet."""
    check_moment(plan.go_live_at, now)
    if tx.execute(select(LAUNCHES.c.id).where(LAUNCHES.c.id == launch_id)).first():
        raise DomainError("launch_exists", f"there is a launch {launch_id!r}; choose another id")
    missing = sorted(set(plan.products) - load_many(tx, plan.products).keys())
    if missing:
        raise DomainError("unknown_product", f"products: there is no {missing[0]!r}; list the products to find its id")
    if plan.mode == "real":
        _refuse_held(tx, plan.products)
    tx.execute(
        insert(LAUNCHES).values(
            id=launch_id, name=plan.name, mode=plan.mode, policy=plan.policy.model_dump(), approvals=plan.approvals,
            reserve=plan.reserve, go_live_at=plan.go_live_at, created_by=by.name, created_at=now,
            seq=0, run_no=0, run_open=False, step=0, revision=1, paused=False, cancel_asked=False, restoring="",
        )
    )  # fmt: skip
    tx.execute(
        insert(PRODUCTS),
        [
            {"launch_id": launch_id, "product_id": product, "position": index, "held": plan.mode == "real"}
            for index, product in enumerate(plan.products)
        ],
    )
    for channel in plan.channels:
        _add(tx, launch_id, channel, plan.mode, now)
    launch_stock.check_skus(tx, plan.products, plan.reserve)
    launch_stock.hold(tx, launch_id, now)
    mark_products(tx, plan.products, now)
    note(
        tx, launch_id, "created", now, by=by.name, wakes=True, products=len(plan.products), channels=list(plan.channels)
    )
    record(tx, by, "launch.create", launch_id, now=now, after=plan.model_dump(mode="json", exclude={"products"}))


def _refuse_held(tx: Connection, products: Iterable[str]) -> None:
    held = tx.execute(
        select(PRODUCTS.c.product_id, PRODUCTS.c.launch_id).where(
            PRODUCTS.c.product_id.in_(list(products)), PRODUCTS.c.held
        )
    ).first()
    if held:
        text = (
            f"products: {held.product_id} is held by launch {held.launch_id}; wait for it, cancel it, or leave it out"
        )
        raise DomainError("product_held", text)


def _add(tx: Connection, launch_id: str, name: str, mode: str, now: datetime) -> None:
    """One channel with its listings in batches; a rehearsal goes to the connection that stands in for it."""
    asked = connections.load(tx, name)
    writes_to = asked.settings.get(REHEARSES_AS) if mode == "rehearsal" else name
    if not writes_to:
        text = f"channels: {name} has no {REHEARSES_AS}; set it to a connection at the sandbox of its platform"
        raise DomainError("no_rehearsal", text)
    at = connections.load(tx, writes_to)
    if "TakesListings" not in capabilities(connector_class(at.platform)):
        raise DomainError("takes_no_listings", f"channels: {at.platform} takes no listings; leave {name} out")
    if at.mode != "on":
        raise DomainError("not_on", f"channels: {writes_to} is in mode {at.mode}; switch it on first")
    if at.paused_at is not None:
        raise DomainError(
            "paused", f"channels: writes to {writes_to} are paused ({at.pause_reason}); mend that, then resume it"
        )
    tx.execute(
        insert(CHANNELS).values(
            launch_id=launch_id, connection_id=writes_to, form_of=name, is_in=True, failed="", accepts_first=False,
            hides="StagesListings" in capabilities(connector_class(at.platform)),
        )
    )  # fmt: skip
    mine = select(PRODUCTS.c.product_id).where(PRODUCTS.c.launch_id == launch_id).order_by(PRODUCTS.c.position)
    tx.execute(
        insert(LISTINGS),
        [
            {
                "launch_id": launch_id, "connection_id": writes_to, "product_id": product, "batch": index // BATCH,
                "state": "planned", "was": "", "external_id": "", "product_version": 0, "content": "", "blocked": False,
                "is_left": False, "updated_at": now,
            }
            for index, product in enumerate(tx.execute(mine).scalars())
        ],
    )  # fmt: skip


def approve(tx: Connection, launch_id: str, approval: Approval, now: datetime) -> None:
    """One person's yes to what is staged now; it holds for nothing else."""
    row, content = row_of(tx, launch_id), content_of(tx, launch_id)
    check_approval(approval, row.created_by, approvals_of(tx, launch_id)[0], is_decided=is_decided(row))
    check_content(approval, content)
    values = {"launch_id": launch_id, "content": content, "actor": approval.actor, "role": approval.role, "at": now}
    tx.execute(insert(APPROVALS).values(**values))
    note(tx, launch_id, "approved", now, by=approval.actor, wakes=True, content=content)
    by = Actor(name=approval.actor, role=_role(approval.role), origin=approval.origin)
    record(tx, by, "launch.approve", launch_id, now=now, after={"content": content})


def _role(name: str) -> Any:
    return name


def pause(tx: Connection, launch_id: str, *, by: Actor, now: datetime) -> None:
    """Nothing goes live until it is resumed; what is staged stays staged."""
    _change(tx, launch_id, "pause", {"paused": True}, by=by, now=now)


def resume(tx: Connection, launch_id: str, *, by: Actor, now: datetime) -> None:
    _change(tx, launch_id, "resume", {"paused": False}, by=by, now=now)


def move(tx: Connection, launch_id: str, go_live_at: datetime, *, by: Actor, now: datetime) -> None:
    """Another moment; approvals stand, since what is approved is the content."""
    check_moment(go_live_at, now)
    _change(tx, launch_id, "move", {"go_live_at": go_live_at}, by=by, now=now)


def add_channel(tx: Connection, launch_id: str, channel: str, *, by: Actor, now: datetime) -> None:
    """One channel more; approvals are asked for again."""
    row = _undecided(tx, launch_id)
    if any(channel in {one.connection_id, one.form_of} for one in channels_of(tx, launch_id)):
        raise DomainError("channel_known", f"{channel} is or was a channel of this launch; make another launch for it")
    _add(tx, launch_id, channel, row.mode, now)
    _change(tx, launch_id, "add-channel", {}, by=by, now=now, channel=channel)


def drop_channel(tx: Connection, launch_id: str, channel: str, *, by: Actor, now: datetime) -> None:
    """What is staged there is taken back; the others go on."""
    _undecided(tx, launch_id)
    mine = (CHANNELS.c.launch_id == launch_id, CHANNELS.c.connection_id == channel, CHANNELS.c.is_in)
    if not tx.execute(update(CHANNELS).where(*mine).values(is_in=False)).rowcount:
        raise DomainError("unknown_channel", f"{channel!r} is no channel of this launch")
    _change(tx, launch_id, "drop-channel", {}, by=by, now=now, channel=channel)


def recheck(tx: Connection, launch_id: str, *, by: Actor, now: datetime) -> None:
    """Look again at what had findings: something was mended or waived, or stock has come in."""
    _undecided(tx, launch_id)
    launch_stock.hold(tx, launch_id, now)
    mine = (LISTINGS.c.launch_id == launch_id, LISTINGS.c.blocked)
    tx.execute(update(LISTINGS).where(*mine).values(blocked=False, updated_at=now))
    _change(tx, launch_id, "recheck", {"revision": _undecided(tx, launch_id).revision + 1}, by=by, now=now)


def cancel(tx: Connection, launch_id: str, *, by: Actor, now: datetime) -> None:
    """At any time until it is over: every channel goes back to what it showed."""
    row = row_of(tx, launch_id)
    if row.outcome is not None:
        raise DomainError("launch_over", f"the launch is over ({row.outcome}); there is nothing to cancel")
    tx.execute(update(LAUNCHES).where(LAUNCHES.c.id == launch_id).values(cancel_asked=True))
    note(tx, launch_id, "cancel", now, by=by.name, wakes=True)
    record(tx, by, "launch.cancel", launch_id, now=now)


def _undecided(tx: Connection, launch_id: str) -> Row[Any]:
    row = row_of(tx, launch_id)
    if is_decided(row):
        raise DomainError("launch_decided", "the launch has passed its barrier or is over; only cancel is left")
    return row


def is_decided(row: Row[Any]) -> bool:
    """It has passed its barrier, is taken back, or is over."""
    return row.barrier_at is not None or row.outcome is not None or bool(row.restoring)


def _change(
    tx: Connection, launch_id: str, action: str, values: dict[str, Any], *, by: Actor, now: datetime, **data: Any
) -> None:
    row = _undecided(tx, launch_id)._asdict()
    if values:
        tx.execute(update(LAUNCHES).where(LAUNCHES.c.id == launch_id).values(**values))
    note(tx, launch_id, action, now, by=by.name, wakes=True, **data)
    before = {name: row[name] for name in values}
    record(tx, by, f"launch.{action}", launch_id, now=now, before=before, after={**values, **data})
