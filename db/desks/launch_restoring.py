"""The database as the way back sees it: what a launch may have touched, and what was kept because others changed it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import Connection, func, select, update

from connectors.contract import ListingRef
from db import effects, offered
from db.desks.launch import LaunchDesk
from db.launch_facts import note
from db.launch_reading import LISTINGS, channels_of, listings_of, row_of
from db.order_reading import EFFECTS
from domain.base import Frozen
from domain.launch.standing import Batch, LaunchStanding

SETTLES_WITHIN = timedelta(seconds=12)
"""A call whose answer was lost may still arrive this long; so the last look is taken after it."""
APPEARS_WITHIN = timedelta(minutes=30)
"""What a platform has accepted and not shown by then is not waited for."""


class Touched(Frozen):
    """A listing that the launch may have changed: what it was, what was sent, what the channel made of it."""

    product_id: str
    ref: ListingRef
    was: str
    before: Mapping[str, Any]
    wanted: Mapping[str, Any]
    shown: Mapping[str, Any] | None = None
    waits_until: datetime | None = Field(default=None, description="accepted, and not seen yet: it may still appear")


class LaunchRestoringDesk(LaunchDesk):
    async def to_restore(self, batch: Batch) -> tuple[Touched, ...]:
        """Also what is only known: an answer that was lost may hide that it was staged."""

        def work(tx: Connection) -> tuple[Touched, ...]:
            accepts = any(
                one.accepts_first
                for one in channels_of(tx, batch.launch_id)
                if one.connection_id == batch.connection_id
            )
            return tuple(
                Touched(
                    product_id=row.product_id, was=row.was, before=row.before or {}, wanted=row.wanted or {},
                    shown=row.shown, waits_until=row.live_at + APPEARS_WITHIN if accepts and row.state == "published" else None,
                    ref=ListingRef(
                        reference=row.product_id, external_id=row.external_id, skus=tuple(row.skus or ())
                    ),
                )
                for row in listings_of(tx, batch, "staging", "staged", "published", "live")
            )  # fmt: skip

        return await self.database.read(work)

    async def version(self, batch: Batch) -> str:
        """Counts restorations: a channel is taken back once, or again after somebody has asked for it."""
        row = await self.database.read(lambda tx: row_of(tx, batch.launch_id))
        return str(row.revision)

    async def unsettled(self, batch: Batch) -> bool:
        """Whether an earlier call whose outcome nobody knows may still arrive."""

        def work(tx: Connection) -> bool:
            mine = f":{batch.launch_id}:{batch.connection_id}:{batch.number}"
            called = tx.execute(
                select(func.max(EFFECTS.c.called_at)).where(
                    EFFECTS.c.connection_id == batch.connection_id,
                    EFFECTS.c.state == "in_doubt",
                    EFFECTS.c.key.startswith("launch-"),
                    EFFECTS.c.key.not_like("launch-restore:%"),
                    EFFECTS.c.key.contains(mine, autoescape=True),
                )
            ).scalar()
            return called is not None and called + SETTLES_WITHIN > self.now()

        return await self.database.read(work)

    async def restored(
        self, batch: Batch, key: str, kept: Mapping[str, Mapping[str, Any]], *, left: Iterable[str]
    ) -> LaunchStanding:
        """It is as it was, but for what somebody else has changed."""
        stays = set(left)

        def change(tx: Connection, now: datetime) -> None:
            for product, fields in kept.items():
                mine = (
                    LISTINGS.c.launch_id == batch.launch_id, LISTINGS.c.connection_id == batch.connection_id,
                    LISTINGS.c.product_id == product,
                )  # fmt: skip
                values = {"state": "restored", "kept": dict(fields), "is_left": product in stays}
                tx.execute(update(LISTINGS).where(*mine).values(**values, restored_at=now, updated_at=now))
                was = tx.execute(select(LISTINGS.c.was).where(*mine)).scalar()
                offered.restored(tx, batch.connection_id, product, batch.launch_id, is_live=was == "live")
            note(tx, batch.launch_id, "restored", now, connection=batch.connection_id, products=len(kept))
            effects.confirm(tx, key, {"listings": len(kept)}, now)

        return await self.write(batch.launch_id, change)
