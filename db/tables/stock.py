"""Locations, items and the stock ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from db.types import document, instant


class LocationRow(SQLModel, table=True):
    """Where stock is; `profile` holds what sourcing needs to know (zone, cut-off, calendar, capacity, costs)."""

    __tablename__ = "locations"
    id: str = Field(primary_key=True)
    name: str
    kind: str = Field(description="warehouse, store or 3pl")
    connection_id: str = Field(description="who is asked to ship from here")
    external_id: str = ""
    enabled: bool = True
    profile: dict[str, Any] = document()


class ItemRow(SQLModel, table=True):
    """A stock-keeping thing; a bundle has components and no stock of its own."""

    __tablename__ = "items"
    id: str = Field(primary_key=True)
    title: str
    weight_g: int = 0
    is_hazmat: bool = False
    sku_class: str = ""
    components: list[Any] = document()


class ItemAliasRow(SQLModel, table=True):
    """A SKU by which an item is known, on one connection or (empty) on all."""

    __tablename__ = "item_aliases"
    __table_args__ = (PrimaryKeyConstraint("sku", "connection_id"),)
    sku: str
    connection_id: str = ""
    item_id: str = Field(index=True)
    external_id: str = Field(default="", description="the platform's own id of the stock item")


class InventoryLevelRow(SQLModel, table=True):
    """A balance of the ledger; `reserved` may exceed `on_hand` only by facts from outside.

    A movement marks its level for publication by counting `version` up in the statement that moves the balance.
    """

    __tablename__ = "inventory_levels"
    __table_args__ = (
        PrimaryKeyConstraint("item_id", "location_id", "condition"),
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        Index(
            "ix_levels_unseen", "item_id",
            sqlite_where=text("version > seen"), postgresql_where=text("version > seen"),
        ),
    )  # fmt: skip
    item_id: str
    location_id: str = Field(index=True)
    condition: str = "sellable"
    on_hand: int = 0
    reserved: int = 0
    in_transit: int = 0
    incoming: int = 0
    version: int = Field(default=1, description="counts the movements: the mark that publication follows")
    seen: int = Field(default=0, description="the version that publication has computed with")


class ReservationRow(SQLModel, table=True):
    """Stock promised to an order line at a location; held by a fulfillment order, or (empty) by a waiting line."""

    __tablename__ = "reservations"
    __table_args__ = (
        PrimaryKeyConstraint("order_id", "holder", "line_id", "item_id", "location_id"),
        CheckConstraint("quantity >= 0", name="reservation_not_negative"),
        Index("ix_reservations_item", "item_id", "location_id"),
    )
    order_id: str
    holder: str = Field(description="the fulfillment order, or `waiting`")
    line_id: str
    item_id: str
    location_id: str
    quantity: int


class StockMovementRow(SQLModel, table=True):
    """One movement, appended; `key` makes the same movement one row."""

    __tablename__ = "stock_movements"
    __table_args__ = (Index("ix_movements_level", "item_id", "location_id", "condition"),)
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    key: str = Field(unique=True)
    kind: str
    item_id: str
    location_id: str
    condition: str = "sellable"
    on_hand: int = 0
    reserved: int = 0
    order_id: str | None = Field(default=None, index=True)
    at: datetime = instant()


class HeldStockNewsRow(SQLModel, table=True):
    """A count or a sale at a till whose SKU or place is not mapped yet: booked as soon as somebody says what it is."""

    __tablename__ = "held_stock_news"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "key"),)
    connection_id: str
    key: str
    lacks: str = Field(index=True, description="the cause of the exception that it waits behind")
    body: dict[str, Any] = document()
    at: datetime = instant()


class TransferRow(SQLModel, table=True):
    """Units on their way between two places of ours; what arrives is booked as it arrives."""

    __tablename__ = "transfers"
    id: str = Field(primary_key=True)
    item_id: str
    from_location_id: str
    to_location_id: str = Field(index=True)
    sent: int
    received: int = 0
    state: str = Field(default="on_the_way", description="on_the_way, arrived")
    sent_at: datetime = instant()
    arrived_at: datetime | None = instant(nullable=True)


class WaitingLineRow(SQLModel, table=True):
    """Open demand that no location can cover now; restock goes to it by priority, then age."""

    __tablename__ = "waiting_lines"
    __table_args__ = (
        PrimaryKeyConstraint("order_id", "line_id", "item_id"),
        Index("ix_waiting_queue", "item_id", text("priority DESC"), "placed_at"),
    )
    order_id: str
    line_id: str
    item_id: str
    quantity: int
    priority: int = 0
    placed_at: datetime = instant()
    give_up_at: datetime = instant()
    reason: str = Field(default="no_stock", description="why sourcing found no place, in its words")


class CapacityRow(SQLModel, table=True):
    """How many fulfillment orders a location has taken for one of its days."""

    __tablename__ = "capacity_days"
    __table_args__ = (PrimaryKeyConstraint("location_id", "day"),)
    location_id: str
    day: str
    used: int = 0
