"""Takes what a webhook or a poll said: each kind of news becomes facts of the orders it is about."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, update

from db import content_news, stock_listings, store_news
from db.facts import EVENTS, Fact, lock, record
from db.intake import take_order
from db.order_reading import ORDERS
from db.persons import erase
from db.reports import record_report
from db.returns import news as returns
from db.rows import row
from db.tenders import append, of_tender
from db.vault import Vault
from domain.intake import order_id
from domain.news import (
    ErasureNews,
    FulfillmentNews,
    HoldNews,
    ListingNews,
    News,
    OrderChangedNews,
    OrderNews,
    ParcelNews,
    PaymentNews,
    PosSaleNews,
    RefundNews,
    ReturnChangedNews,
    ReturnNews,
    RiskNews,
    SaleChangedNews,
    StockCountNews,
    StockNews,
)


class Said(NamedTuple):
    """What became of a piece of news: a word for the delivery's record, and the order it was about."""

    outcome: str
    order_id: str | None = None


def take(tx: Connection, vault: Vault, connection: Row[Any], news: News, now: datetime, source: str) -> Said:  # noqa: C901, PLR0911, PLR0912 a table: one row per kind
    """Repeatable: every copy after the first changes nothing. News about unknown orders is kept with its delivery."""
    match news:
        case OrderNews():
            taken = take_order(tx, vault, connection, news.order, now, source)
            return Said(f"order {taken.outcome}", taken.order_id if taken.outcome != "too_old" else None)
        case FulfillmentNews():
            about = record_report(tx, news.report, connection_id=connection.id, source=source, now=now)
            return Said(f"fulfillment {news.report.kind}" if about else "unknown fulfillment order", about)
        case RefundNews():
            return _refund(tx, connection, news, now, source)
        case HoldNews():
            return _hold(tx, connection, news, now, source)
        case RiskNews():
            return _risk(tx, connection, news, now, source)
        case ErasureNews():
            return _erase(tx, vault, connection, news, now)
        case StockNews():
            return Said(stock_listings.seen(tx, connection.id, news, now))
        case ListingNews():
            return Said(content_news.heard(tx, connection.id, news, now))
        case StockCountNews() | PosSaleNews():
            return Said(store_news.take(tx, connection.id, news, now))
        case ReturnNews():
            return Said(*returns.take_return(tx, connection, news, now))
        case PaymentNews():
            return Said(*returns.take_payment(tx, connection, news, now, source))
        case ParcelNews():
            return Said(*returns.take_parcel(tx, news, now))
        case OrderChangedNews() | ReturnChangedNews() | SaleChangedNews():
            about = order_id(connection.id, news.order_external_id) if isinstance(news, OrderChangedNews) else None
            return Said("fetched", about)


def _known(tx: Connection, connection: Row[Any], external_id: str) -> Row[Any] | None:
    lock(tx, order_id(connection.id, external_id))
    return row(tx, ORDERS, order_id(connection.id, external_id))


def _refund(tx: Connection, connection: Row[Any], news: RefundNews, now: datetime, source: str) -> Said:
    """Money given back on the channel: on the tender ledger, even before anything has shipped; ours is proven by it."""
    order = _known(tx, connection, news.order_external_id)
    if order is None:
        return Said("unknown order")
    if news.movements:
        returns.refund_shown(tx, order.id, news.reference, news.movements[0].external_id, news.movements[0].amount, now)
    append(tx, [of_tender(order.id, moved, connection.id) for moved in news.movements])
    data = {"refund": news.external_id, "amounts": [moved.amount.model_dump() for moved in news.movements]}
    record(tx, order.id, [Fact("refunded", f"refund:{news.external_id}", news.at, source, data)], now)
    returns.wake_of_order(tx, order.id, now)
    return Said("refund", order.id)


def _is_latest(tx: Connection, order: Row[Any], at: datetime, prefix: str) -> bool:
    """Whether nothing newer of its kind was said: neither by such news nor by a snapshot."""
    newer = select(EVENTS.c.seq).where(
        EVENTS.c.order_id == order.id, EVENTS.c.key.startswith(prefix, autoescape=True), EVENTS.c.at > at
    )
    return bool(at >= order.channel_version_at) and tx.execute(newer.limit(1)).first() is None


def _hold(tx: Connection, connection: Row[Any], news: HoldNews, now: datetime, source: str) -> Said:
    order = _known(tx, connection, news.order_external_id)
    if order is None:
        return Said("unknown order")
    key = f"hold:{news.fulfillment_order_external_id}:{news.at.isoformat()}"
    holds = sorted({hold for hold in order.holds if hold.startswith("hub:")} | set(news.reasons))
    if holds != sorted(order.holds) and _is_latest(tx, order, news.at, "hold:"):
        tx.execute(update(ORDERS).where(ORDERS.c.id == order.id).values(holds=holds))
    kind = "held" if news.reasons else "hold_released"
    record(tx, order.id, [Fact(kind, key, news.at, source, {"reasons": list(news.reasons)})], now)
    return Said(kind, order.id)


def _risk(tx: Connection, connection: Row[Any], news: RiskNews, now: datetime, source: str) -> Said:
    order = _known(tx, connection, news.order_external_id)
    if order is None:
        return Said("unknown order")
    if order.risk == news.risk:
        return Said("risk as known", order.id)
    if _is_latest(tx, order, news.at, "risk:"):
        tx.execute(update(ORDERS).where(ORDERS.c.id == order.id).values(risk=news.risk))
    key = f"risk:{news.risk}:{order.seq}"
    record(tx, order.id, [Fact("risk_changed", key, news.at, source, {"to": news.risk})], now)
    return Said("risk", order.id)


def _erase(tx: Connection, vault: Vault, connection: Row[Any], news: ErasureNews, now: datetime) -> Said:
    wanted = ORDERS.c.external_id.in_(news.order_external_ids)
    index = vault.index(news.email)
    if index is not None:
        wanted = wanted | (ORDERS.c.email_index == index)
    subjects = set(
        tx.execute(select(ORDERS.c.subject_id).where(ORDERS.c.connection_id == connection.id, wanted)).scalars()
    )
    orders = sum(erase(tx, vault, subject_id, now) for subject_id in subjects)
    return Said(f"erased {len(subjects)} person(s), {orders} order(s)")
