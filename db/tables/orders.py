"""Orders, their lines, their facts, and the people behind them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Column, Field, SQLModel

from db.types import document, instant


class DataSubjectRow(SQLModel, table=True):
    """A person, by key: everything personal is encrypted under it; destroying it erases the person everywhere."""

    __tablename__ = "data_subjects"
    id: str = Field(primary_key=True)
    wrapped_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    email_index: str | None = Field(default=None, index=True)
    erased_at: datetime | None = instant(nullable=True)


class OrderRow(SQLModel, table=True):
    """One order; the newest state that is known, folded from its facts."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("connection_id", "external_id"),
        Index("ix_orders_list", "placed_at", "id"),
        Index("ix_orders_recorded_at", "recorded_at", "connection_id", "state"),
        Index("ix_orders_state", "state", "placed_at", "id"),
        Index("ix_orders_run_open", "id", sqlite_where=text("run_open"), postgresql_where=text("run_open")),
    )
    id: str = Field(primary_key=True)
    connection_id: str
    source: str = ""
    external_id: str
    number: str = Field(index=True)
    placed_at: datetime = instant()
    recorded_at: datetime = instant()
    channel_version_at: datetime = instant()
    state: str = Field(description="received, waiting, backordered, in_fulfillment, canceling, fulfilled, canceled ...")
    outcome: str | None = None
    why: str = ""
    seq: int = 0
    run_no: int = 0
    run_open: bool = False
    financial: str
    risk: str = "none"
    priority: int = 0
    delivery: str = "ship"
    pickup_location_id: str | None = None
    service: str = ""
    promised_on: str = Field(default="", description="ISO date; empty where nothing was promised")
    ship_complete: bool = False
    country: str = ""
    postal_prefix: str = ""
    tags: list[str] = document()
    holds: list[str] = document()
    currency: str
    total_minor: int
    shipping_minor: int
    presentment_currency: str
    presentment_total_minor: int
    amounts: dict[str, Any] = document()
    canceled_at: datetime | None = instant(nullable=True)
    cancel_requested_at: datetime | None = instant(nullable=True)
    cancel_told_at: datetime | None = instant(nullable=True)
    cancel_refused: bool = Field(default=False, description="the channel would not be told of the cancel")
    is_shadow: bool = False
    released: bool = Field(default=False, description="a person let it go in spite of payment, risk and holds")
    money_settled: bool = Field(default=False, description="no more will ship: voids and refunds were decided")
    stopped: bool = Field(default=False, description="its run was stopped and undone; a person must start it again")
    acknowledged: list[str] = document()
    subject_id: str = Field(index=True)
    sealed_person: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    address_version: int = 1
    address_ok: bool = True
    email_index: str | None = Field(default=None, index=True)
    name_index: str | None = Field(default=None, index=True, description="of the buyer, else of the recipient")


class OrderLineRow(SQLModel, table=True):
    """What was bought; `quantity` is what is wanted now, after edits and cancels."""

    __tablename__ = "order_lines"
    __table_args__ = (PrimaryKeyConstraint("order_id", "line_id"), ForeignKeyConstraint(["order_id"], ["orders.id"]))
    order_id: str
    line_id: str = Field(description="L1, L2 ... in the order of arrival")
    external_id: str
    sku: str = Field(index=True)
    title: str = ""
    ordered: int
    channel_quantity: int = Field(description="what the channel last said")
    canceled: int = Field(default=0, description="units that the hub canceled")
    canceled_told: int = Field(default=0, description="of these, units that the channel is or was told of")
    canceled_seen: int = Field(default=0, description="of these, units that the channel's own count lacks already")
    quantity: int
    requires_shipping: bool = True
    shipped_externally: int = 0
    weight_g: int = 0
    item_id: str | None = Field(default=None, index=True)
    unit_price_minor: int = 0
    share_minor: int = Field(default=0, description="line's part of the order total: price − discount + tax")
    given_back_minor: int = 0


class OrderEventRow(SQLModel, table=True):
    """A fact about an order, appended, never changed; `key` makes the same news one fact."""

    __tablename__ = "order_events"
    __table_args__ = (PrimaryKeyConstraint("order_id", "seq"), UniqueConstraint("order_id", "key"))
    order_id: str
    seq: int
    key: str
    kind: str
    at: datetime = instant()
    recorded_at: datetime = instant()
    source: str
    data: dict[str, Any] = document()
