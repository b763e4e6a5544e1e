"""The database as the sweep sees it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from connectors.contract import ListedOrder
from db import store_news
from db.connections import load
from db.desks.base import Desk
from db.exceptions import close_cause, open_cause
from db.facts import ORDERS, is_known
from db.intake import take_order
from db.order_reading import FULFILLMENT_ORDERS
from db.reports import record_report
from db.returns.parcels import coming_back, new_scans
from db.session import Database
from db.tables.connections import SweepRow
from db.upsert import insert_once
from db.vault import Vault
from domain.causes import Cause
from domain.channel_order import ChannelOrder
from domain.fulfillment import FulfillmentReport, SentFulfillmentOrder
from domain.intake import order_id as id_of
from domain.news import ParcelNews, PosSaleNews, StockCountNews
from domain.order_state import ENDED

SWEEPS = SweepRow.__table__  # type: ignore[attr-defined]

OVERLAP = timedelta(minutes=10)
"""Platforms assign times before they commit: the last minutes are always read again."""
QUIET_FOR = timedelta(minutes=1)
"""Fulfillment orders younger than this are left to the webhooks; or than a sweep's interval, if that is shorter."""
SETTLED = timedelta(seconds=30)
"""A version that is older than this when a sweep begins is seen by it whole."""

_OF_ONE = update(SWEEPS).where(SWEEPS.c.connection_id == bindparam("name"))


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

    async def take(self, connection_id: str, orders: tuple[ChannelOrder, ...]) -> int:
        """Take orders as if a webhook had brought them; returns how many were news, that is: missed."""

        def work(tx: Connection) -> int:
            connection = load(tx, connection_id)
            now = self.now()
            outcomes = [take_order(tx, self.vault, connection, order, now, "sweep").outcome for order in orders]
            return sum(outcome in {"new", "changed"} for outcome in outcomes)

        return await self.database.write(work)

    async def unknown(self, connection_id: str, listed: tuple[ListedOrder, ...]) -> tuple[str, ...]:
        """Those that must be fetched: changed since they were last taken, or so lately that no sweep has looked yet.

        Platforms tell times in whole seconds. A version that is known by its webhook may lack a second change within
        its second, whose webhook was lost: the first sweep after it looks, the later ones need not.
        """

        def work(tx: Connection) -> tuple[str, ...]:
            ids = {id_of(connection_id, each.external_id): each for each in listed}
            query = select(ORDERS.c.id, ORDERS.c.channel_version_at).where(ORDERS.c.id.in_(ids))
            known = {row.id: row.channel_version_at for row in tx.execute(query)}
            last = tx.execute(select(SWEEPS.c.last_run_at).where(SWEEPS.c.connection_id == connection_id)).scalar()
            return tuple(
                each.external_id
                for known_as, each in ids.items()
                if known_as not in known
                or known[known_as] < each.updated_at
                or not last
                or each.updated_at > last - SETTLED
            )

        return await self.database.read(work)

    async def unreadable(self, connection_id: str) -> tuple[str, ...]:
        """Orders that earlier sweeps could not read."""
        query = select(SWEEPS.c.unreadable).where(SWEEPS.c.connection_id == connection_id)
        found: list[str] | None = await self.database.read(lambda tx: tx.execute(query).scalar())
        return tuple(found or ())

    async def take_stock_news(self, connection_id: str, news: tuple[StockCountNews | PosSaleNews, ...]) -> int:
        """Book counts and sales that were missed; returns how many were news."""

        def work(tx: Connection) -> int:
            now = self.now()
            return sum(store_news.take(tx, connection_id, each, now) in store_news.WAS_NEWS for each in news)

        return await self.database.write(work)

    async def reached(self, connection_id: str, to: datetime, seen: int, missed: int, unreadable: list[str]) -> None:
        """Remember how far it came, and open or close the exception about orders that cannot be read."""

        def work(tx: Connection) -> None:
            first = {"connection_id": connection_id, "swept_to": to, "seen": 0, "missed": 0}
            insert_once(tx, SWEEPS, [first | {"subscriptions_repaired": 0, "unreadable": []}])
            counts = {"seen": SWEEPS.c.seen + seen, "missed": SWEEPS.c.missed + missed}
            tx.execute(_OF_ONE.values(swept_to=to, unreadable=unreadable, **counts), {"name": connection_id})
            if unreadable:
                open_cause(tx, _unreadable(connection_id), self.now(), connection_id=connection_id)
            else:
                close_cause(tx, _unreadable(connection_id).code, self.now(), by="cause gone")

        await self.database.write(work)

    async def swept(self, connection_id: str, started: datetime) -> None:
        """Everything was read that had changed before the sweep began."""
        done = _OF_ONE.values(swept_to=started, last_run_at=started)
        await self.database.write(lambda tx: tx.execute(done, {"name": connection_id}))

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


def _unreadable(connection_id: str) -> Cause:
    return Cause(
        kind="unreadable_orders",
        subject=connection_id,
        title=f"Orders of {connection_id} cannot be read",
        remedy="GET /figures/flows names them. Correct them at the channel, or take them by hand "
        "(POST /orders); each sweep tries them again.",
        severity="critical",
    )


def _sent(row: Row[Any]) -> SentFulfillmentOrder:
    return SentFulfillmentOrder(external_id=row.external_id, reference=row.id, state="open")


def _is_news(tx: Connection, report: FulfillmentReport, connection_id: str, now: datetime) -> bool:
    order_id = tx.execute(
        select(FULFILLMENT_ORDERS.c.order_id).where(FULFILLMENT_ORDERS.c.id == report.reference)
    ).scalar()
    known = order_id is not None and is_known(tx, order_id, f"{report.reference}:{report.key}")
    record_report(tx, report, connection_id=connection_id, source="sweep", now=now)
    return not known
