"""The database as the sweep sees it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db import store_news
from db import unreadable as unread
from db.connections import load
from db.desks.base import Desk
from db.facts import is_known
from db.intake import take_order
from db.order_reading import FULFILLMENT_ORDERS
from db.reports import record_report
from db.returns.parcels import coming_back, new_scans
from db.session import Database
from db.tables.connections import SweepRow
from db.upsert import insert_once
from db.vault import Vault
from domain.channel_order import ChannelOrder
from domain.fulfillment import FulfillmentReport, SentFulfillmentOrder
from domain.news import ParcelNews, PosSaleNews, StockCountNews
from domain.order_state import ENDED

SWEEPS = SweepRow.__table__  # type: ignore[attr-defined]

OVERLAP = timedelta(minutes=10)
"""Platforms assign times before they commit: the last minutes are always read again."""
QUIET_FOR = timedelta(minutes=1)
"""Fulfillment orders younger than this are left to the webhooks; or than a sweep's interval, if that is shorter."""


class SweepDesk(Desk):
    """Cursors, and the counts of what was missed."""

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self.vault = vault

    async def since(self, connection_id: str) -> datetime:
        """From when on orders must be read; a new connection begins at its start."""

        def work(tx: Connection) -> datetime:
            connection = load(tx, connection_id)
            swept_to = tx.execute(select(SWEEPS.c.swept_to).where(SWEEPS.c.connection_id == connection_id)).scalar()
            start: datetime = swept_to or connection.starts_at or connection.created_at
            return start - OVERLAP

        return await self.database.read(work)

    async def take(self, connection_id: str, orders: tuple[ChannelOrder, ...], unreadable: tuple[str, ...]) -> int:
        """Take orders as if a webhook had brought them; returns how many were news, that is: missed."""

        def work(tx: Connection) -> int:
            connection = load(tx, connection_id)
            now = self.now()
            unread.note(tx, connection_id, unreadable, [order.external_id for order in orders], now)
            outcomes = [take_order(tx, self.vault, connection, order, now, "sweep").outcome for order in orders]
            return sum(outcome in {"new", "changed"} for outcome in outcomes)

        return await self.database.write(work)

    async def take_stock_news(
        self, connection_id: str, news: tuple[StockCountNews | PosSaleNews, ...], unreadable: tuple[str, ...]
    ) -> int:
        """Book counts and sales that were missed; returns how many were news."""

        def work(tx: Connection) -> int:
            now = self.now()
            sales = [each.external_id for each in news if isinstance(each, PosSaleNews)]
            unread.note(tx, connection_id, unreadable, sales, now)
            return sum(store_news.take(tx, connection_id, each, now) in store_news.WAS_NEWS for each in news)

        return await self.database.write(work)

    async def swept(self, connection_id: str, to: datetime, seen: int, missed: int) -> None:
        """Remember how far it came."""

        def work(tx: Connection) -> None:
            insert_once(
                tx,
                SWEEPS,
                [{"connection_id": connection_id, "swept_to": to, "seen": 0, "missed": 0, "subscriptions_repaired": 0}],
            )
            tx.execute(
                update(SWEEPS)
                .where(SWEEPS.c.connection_id == connection_id)
                .values(swept_to=to, last_run_at=to, seen=SWEEPS.c.seen + seen, missed=SWEEPS.c.missed + missed)
            )

        await self.database.write(work)

    async def repaired(self, connection_id: str, count: int) -> None:
        """Subscriptions that were found off and switched on again."""
        await self.database.write(
            lambda tx: tx.execute(
                update(SWEEPS)
                .where(SWEEPS.c.connection_id == connection_id)
                .values(subscriptions_repaired=SWEEPS.c.subscriptions_repaired + count)
            )
        )

    async def webhook_address(self, connection_id: str) -> str:
        """Where the connection's webhooks go; empty when it was never told."""
        row = await self.database.read(lambda tx: load(tx, connection_id))
        return str(row.settings.get("webhook_address") or "")

    async def quiet(self, connection_id: str) -> tuple[SentFulfillmentOrder, ...]:
        """Open fulfillment orders of which nothing was heard for a while."""

        def work(tx: Connection) -> tuple[SentFulfillmentOrder, ...]:
            every = load(tx, connection_id).settings.get("sweep_seconds")
            quiet_for = min(QUIET_FOR, timedelta(seconds=every)) if every else QUIET_FOR
            rows = tx.execute(
                select(FULFILLMENT_ORDERS).where(
                    FULFILLMENT_ORDERS.c.connection_id == connection_id,
                    FULFILLMENT_ORDERS.c.state.not_in([*ENDED, "planned", "sending"]),
                    FULFILLMENT_ORDERS.c.sent_at < self.now() - quiet_for,
                )
            )
            return tuple(_sent(row) for row in rows)

        return await self.database.read(work)

    async def take_reports(self, connection_id: str, reports: tuple[FulfillmentReport, ...]) -> int:
        """Record what the location shows; returns how many were news."""

        def work(tx: Connection) -> int:
            return sum(_is_news(tx, report, connection_id, self.now()) for report in reports)

        return await self.database.write(work)

    async def parcels(self, connection_id: str) -> tuple[ParcelNews, ...]:
        """Parcels on labels of this carrier that nobody has received, without their scans."""
        return await self.database.read(lambda tx: coming_back(tx, connection_id))

    async def take_scans(self, parcel: ParcelNews) -> int:
        """Take what the carrier shows as if a webhook had brought it; returns how many scans were news."""
        return await self.database.write(lambda tx: new_scans(tx, parcel, self.now()))


def _sent(row: Row[Any]) -> SentFulfillmentOrder:
    return SentFulfillmentOrder(external_id=row.external_id, reference=row.id, state="open")


def _is_news(tx: Connection, report: FulfillmentReport, connection_id: str, now: datetime) -> bool:
    order_id = tx.execute(
        select(FULFILLMENT_ORDERS.c.order_id).where(FULFILLMENT_ORDERS.c.id == report.reference)
    ).scalar()
    known = order_id is not None and is_known(tx, order_id, f"{report.reference}:{report.key}")
    record_report(tx, report, connection_id=connection_id, source="sweep", now=now)
    return not known
