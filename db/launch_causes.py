"""Exceptions of launches: derived from where each stands, closed by themselves when the cause is gone."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from db.exceptions import EXCEPTIONS, close_cause, open_cause
from db.launch_reading import LEAKS, LISTINGS
from domain.causes import Cause
from domain.launch.standing import LaunchFacts, LaunchStanding

KINDS = ("launch_blocked", "launch_missed", "launch_failed", "launch_leaked", "launch_kept")


def sync(tx: Connection, facts: LaunchFacts, at: LaunchStanding, now: datetime) -> None:
    """Make the launch's open exceptions equal its causes; what a person must judge stays until a person closes it."""
    wanted = {cause.code: cause for cause in _causes(tx, facts, at)}
    mine = [f"{kind}:{facts.launch_id}" for kind in KINDS[:2]]
    query = select(EXCEPTIONS.c.cause).where(EXCEPTIONS.c.cause.in_(mine), EXCEPTIONS.c.closed_at.is_(None))
    for code in set(tx.execute(query).scalars()) - wanted.keys():
        close_cause(tx, code, now, by="cause gone")
    for cause in wanted.values():
        open_cause(tx, cause, now)


def _causes(tx: Connection, facts: LaunchFacts, at: LaunchStanding) -> Iterator[Cause]:
    launch = facts.launch_id
    if at.stage == "blocked":
        yield _cause("launch_blocked", launch, f"Launch {launch} is blocked: {at.headline}",
                     "Read its findings (tutti launch findings), mend or waive them, or drop the channel.")  # fmt: skip
    if at.stage == "missed":
        yield _cause("launch_missed", launch, f"Launch {launch} was not ready at its moment: {at.headline}",
                     "Nothing is public. Give it another moment (tutti launch move) or cancel it.", "critical")  # fmt: skip
    if facts.restoring and not facts.cancel_asked:
        yield _cause("launch_failed", launch, f"Launch {launch} is taken back: {facts.restoring}",
                     "Every channel is restored to what it was. Mend what failed and launch again.", "critical")  # fmt: skip
    if tx.execute(select(LEAKS.c.id).where(LEAKS.c.launch_id == launch).limit(1)).scalar():
        yield _cause("launch_leaked", launch, f"Something of launch {launch} was public before its moment",
                     "See its leaks (tutti launch show); somebody may have published it at the channel.", "critical")  # fmt: skip
    left = select(LISTINGS.c.product_id).where(LISTINGS.c.launch_id == launch, LISTINGS.c.is_left)
    if tx.execute(left.limit(1)).scalar():
        yield _cause("launch_kept", launch, f"Listings of launch {launch} are kept hidden: somebody has changed them",
                     "Delete them at the channel, or launch them again.")  # fmt: skip


def _cause(kind: str, launch: str, title: str, remedy: str, severity: str = "warning") -> Cause:
    return Cause.model_validate(
        {"kind": kind, "subject": launch, "title": title[:300], "remedy": remedy, "severity": severity, "blocks": False}
    )
