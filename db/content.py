"""Telling channels of changes: which listings are next, the intent before the call, and what each answer and look means."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, update

from connectors.contract import Effect, ListingForm, ListingRef, ListingResult, ShownListing
from connectors.contract.listing_fields import flat, formed
from db import content_computing, effects, listing_drift, syncs
from db.exceptions import close_cause, open_cause
from db.flows import CONTENT, Switch, Turn, begin_turn, is_held, running, writing
from db.offered import OFFERED, Listing, locked, save
from db.syncs import Run
from domain.content.after import pause, refused, unseen
from domain.content.causes import unreachable
from domain.content.fields import is_money, packet, plain_name
from domain.content.looking import Foreign, look
from domain.launch.sameness import same

KIND = "content"
HELD_FOR = timedelta(seconds=15)
"""How soon a run that may not write looks whether it may again."""
Shown = Mapping[str, ShownListing | None]
"""By product; None: the channel does not have it."""


class Batch(NamedTuple):
    """Changes that are sent together; the key names this sending of these states."""

    key: str
    forms: tuple[ListingForm, ...]


def begin(tx: Connection, connection_id: str, now: datetime) -> Turn:
    """An attempt starts; what an earlier one has sent without hearing the end of it is looked at first."""
    unknown = (OFFERED.c.connection_id == connection_id, OFFERED.c.state == "sent")
    tx.execute(update(OFFERED).where(*unknown).values(look_at=now))
    return begin_turn(tx, Run(connection_id, CONTENT))


def next_refs(tx: Connection, connection_id: str, limit: int, now: datetime) -> tuple[ListingRef, ...]:
    """What is to be told now, prices first, each as the channel knows it."""
    switch = writing(tx, Run(connection_id, CONTENT), KIND)
    if switch is None:
        return ()
    due = select(OFFERED).where(*_due(switch), OFFERED.c.due_at <= now)
    rows = tx.execute(due.order_by(OFFERED.c.urgency, OFFERED.c.due_at).limit(limit))
    return tuple(_ref(row) for row in rows)


def claim(tx: Connection, connection_id: str, epoch: int, shown: Shown, now: datetime) -> Batch | None:
    """Of the listings that were just looked at, what differs; the intent is on record when this commits."""
    run = Run(connection_id, CONTENT)
    is_mine, switch = syncs.locked(tx, run).epoch == epoch, writing(tx, run, KIND)
    if not is_mine or switch is None:
        return None
    listings = locked(tx, connection_id, *_due(switch), OFFERED.c.due_at <= now, OFFERED.c.product_id.in_(shown))
    forms = {}
    for at in listings:
        seen(tx, at, shown[at.row.product_id], now)
        names = _chosen(at) if at.changes.get("error_code", "") == "" else ()
        if names:
            at.sending = packet(at.expected, names)
            forms[at.row.product_id] = _form(at)
    key = f"{KIND}:{connection_id}:{syncs.next_batch(tx, run)}" if forms else ""
    for at in listings:
        if at.sending:
            at.replaced = {name: at.confirmed.get(name) for name in at.sending}
            at.changes |= {"state": "sent", "effect_key": key, "sent_at": now}
        save(tx, at, now)
    if forms:
        effects.begin(tx, Effect(key=key, kind=KIND, connection_id=connection_id), now)
    return Batch(key, tuple(forms.values())) if forms else None


def _chosen(at: Listing) -> tuple[str, ...]:
    """All that waits; after a refusal prices go alone, so that a text that nobody takes holds up no price."""
    waits = at.to_tell
    prices = tuple(name for name in waits if is_money(name))
    return prices if prices and at.row.error_code else waits


def _form(at: Listing) -> ListingForm:
    return formed(at.ref, at.sending, at.row.variant_ids | at.changes.get("variant_ids", {})).model_copy(
        update={"kind": at.row.kind}
    )


def _due(switch: Switch) -> tuple[Any, ...]:
    return (
        OFFERED.c.connection_id == switch.connection_id, OFFERED.c.state == "due", OFFERED.c.marked_at.is_(None),
        OFFERED.c.bucket < switch.canary_percent, OFFERED.c.held_by.not_like("launch:%"),
    )  # fmt: skip


def _ref(row: Any) -> ListingRef:
    return ListingRef(reference=row.product_id, external_id=row.external_id, skus=tuple(row.variant_ids))


def settle(tx: Connection, connection_id: str, batch: Batch, results: Sequence[ListingResult], now: datetime) -> None:
    """The platform's answer per listing: what it took is looked at now, what it refused is tried again later."""
    answered = {result.ref.reference: result for result in results}
    for at in _sent_with(tx, connection_id, batch.key):
        result = answered.get(at.row.product_id)
        if result is None:
            continue
        at.changes |= {"state": "accepted", "look_at": now}
        if result.outcome == "rejected":
            at.changes["state"] = "refused"
            issue = next((one for one in result.issues if one.is_blocking), None) or next(iter(result.issues), None)
            field = (
                issue.field if issue and issue.field else ", ".join(sorted({plain_name(name) for name in at.sending}))
            )
            then = refused(at.row.attempts, issue.code if issue else "", now)
            is_mixed = len({is_money(name) for name in at.sending}) > 1
            at.changes |= {
                "error_code": then.error_code,
                "error_field": field,
                "due_at": now if is_mixed else then.due_at,  # the prices of it go at once, alone
                "attempts": then.attempts,
            }
        save(tx, at, now)
    told = [[r.ref.reference, r.outcome, [issue.code for issue in r.issues]] for r in results]
    effects.confirm(tx, batch.key, {"listings": told}, now)
    close_cause(tx, unreachable(connection_id).code, now, by="cause gone")


def not_sent(tx: Connection, connection_id: str, batch: Batch, code: str, now: datetime) -> None:
    """The platform provably did nothing: the change, or a newer one, goes with the next batch."""
    effects.never_made(tx, batch.key, code, now)
    for at in _sent_with(tx, connection_id, batch.key):
        at.sending = {}
        save(tx, at, now)


def _sent_with(tx: Connection, connection_id: str, key: str) -> list[Listing]:
    return locked(tx, connection_id, OFFERED.c.state == "sent", OFFERED.c.effect_key == key)


def to_look_at(tx: Connection, connection_id: str, limit: int, now: datetime) -> tuple[ListingRef, ...]:
    """What was told and has not been seen yet, and what somebody is said to have changed."""
    mine = (OFFERED.c.connection_id == connection_id, OFFERED.c.look_at <= now)
    return tuple(_ref(row) for row in tx.execute(select(OFFERED).where(*mine).order_by(OFFERED.c.look_at).limit(limit)))


def looked(tx: Connection, connection_id: str, shown: Shown, now: datetime) -> int:
    """What the channel shows decides; returns how many fields others have changed."""
    keys, foreign = set(), 0
    for at in locked(tx, connection_id, OFFERED.c.product_id.in_(shown)):
        if at.row.state == "sent":
            keys.add(at.row.effect_key)
        foreign += seen(tx, at, shown[at.row.product_id], now)
        keep_seen(tx, at, now)
    for key in sorted(keys):
        effects.proven(tx, key, "read back", now)
    return foreign


def keep_seen(tx: Connection, at: Listing, now: datetime) -> None:
    """Write a listing that was looked at, and close what is mended by it."""
    save(tx, at, now)
    listing_drift.close_mended(tx, at, now)
    if at.to_tell:
        syncs.wake(tx, CONTENT, {at.row.connection_id})


def seen(tx: Connection, at: Listing, shown: ShownListing | None, now: datetime) -> int:
    """Bring a listing up to what was just seen of it; returns how many of its fields others have changed."""
    at.changes |= {"look_at": None}
    if shown is None or shown.state == "gone":
        return _gone(at, now)
    at.changes |= {
        "external_id": shown.form.ref.external_id, "channel_version": shown.version, "confirmed_at": now,
        "variant_ids": {one.sku: one.external_id for one in shown.form.variants},
    }  # fmt: skip
    found = look(at.known, _fields(at, shown))
    at.confirmed = found.confirmed
    own, others = _by_origin(at, found.foreign)
    _settle_sending(at, found.waiting, now)
    listing_drift.take(tx, at, own, now, is_rewriting=True)
    listing_drift.take(tx, at, others, now)
    if others:
        _wake_up(at, now)
    return len(found.foreign)


def _fields(at: Listing, shown: ShownListing) -> dict[str, Any]:
    """Pictures that the platform still fetches are as they were."""
    fields = flat(shown.form)
    if any(issue.code == "processing" for issue in shown.issues):
        fields["media"] = at.confirmed.get("media")
    return fields


def _by_origin(at: Listing, foreign: Sequence[Foreign]) -> tuple[list[Foreign], list[Foreign]]:
    """Fields that show otherwise as soon as they were told, and those that changed by themselves."""
    return [one for one in foreign if one.name in at.sending], [one for one in foreign if one.name not in at.sending]


def _settle_sending(at: Listing, waiting: Collection[str], now: datetime) -> None:
    """What was told is published once it shows, or shows as the channel would have it; its yes to a field counts too."""
    row = at.row
    for name in [name for name in at.sending if name not in waiting]:
        if row.state == "accepted" or (name in at.confirmed and same(name, at.confirmed[name], at.sending[name])):
            at.published[name] = at.sending.pop(name)
    if not at.sending:
        if row.error_code and at.to_tell:
            at.changes["due_at"] = now + pause(row.attempts)  # what was refused before waits its time
        return
    if row.state == "refused":
        at.sending = {}
        return
    then = unseen(row.sent_at, row.attempts, now, is_answered=row.state == "accepted")
    if then.told == "waiting":
        at.changes |= {"look_at": then.look_at, "state": row.state}
        return
    at.changes |= {"due_at": then.due_at, "attempts": then.attempts, "error_code": then.error_code}
    at.changes["error_field"] = plain_name(min(at.sending)) if then.error_code else ""
    at.sending = {}


def _gone(at: Listing, now: datetime) -> int:
    """The listing is not there: nobody can be told anything; it is looked for again ever more seldom."""
    at.sending = {}
    at.confirmed = {}
    at.changes |= {
        "error_code": "gone", "error_field": "", "attempts": at.row.attempts + 1,
        "due_at": now + pause(at.row.attempts), "look_at": now + pause(at.row.attempts),
    }  # fmt: skip
    return 0


def _wake_up(at: Listing, now: datetime) -> None:
    """Drift that is to be repaired goes at once, unless it is contested."""
    if "due_at" not in at.changes:
        at.changes["due_at"] = now if at.to_tell else None


def rest(tx: Connection, connection_id: str, epoch: int, now: datetime) -> tuple[bool, datetime | None]:
    """Go idle if nothing is due; also says when something will be. In one transaction, so that no wake-up is lost."""
    run = Run(connection_id, CONTENT)
    if syncs.locked(tx, run).epoch != epoch or connection_id not in running(tx, CONTENT):
        return True, None
    if content_computing.has_marked(tx, connection_id):
        return False, now
    if is_held(tx, connection_id, KIND):
        syncs.rest(tx, run)
        return True, now + HELD_FOR
    mine = OFFERED.c.connection_id == connection_id
    waits = [select(func.min(OFFERED.c.look_at)).where(mine, OFFERED.c.look_at.is_not(None))]
    if switch := writing(tx, run, KIND):
        waits.append(select(func.min(OFFERED.c.due_at)).where(*_due(switch)))
    nearest = min((at for at in (tx.execute(wait).scalar() for wait in waits) if at is not None), default=None)
    if nearest is not None and nearest <= now:
        return False, nearest
    syncs.rest(tx, run)
    return True, nearest


def has_due(tx: Connection, connection_id: str, now: datetime) -> bool:
    """Whether something waits to be told now; asked often, so it only reads."""
    mine = (OFFERED.c.connection_id == connection_id, OFFERED.c.state == "due", OFFERED.c.due_at <= now)
    return tx.execute(select(OFFERED.c.product_id).where(*mine).limit(1)).first() is not None


def troubled(tx: Connection, connection_id: str, now: datetime) -> None:
    """The platform has not taken changes for several attempts: a person is told until it does."""
    open_cause(tx, unreachable(connection_id), now, connection_id=connection_id)
