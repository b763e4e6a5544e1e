"""Fulfillment orders, their lines, shipments, and the routing decisions they come from."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.types import document, instant


class RoutingDecisionRow(SQLModel, table=True):
    """Why the locations of one round were chosen: the full input, the result, the rules by version."""

    __tablename__ = "routing_decisions"
    __table_args__ = (
        PrimaryKeyConstraint("order_id", "round"),
        Index("ix_routing_decisions_decided_at", "decided_at"),
    )
    order_id: str
    round: int
    decided_at: datetime = instant()
    rules_version: str
    problem: dict[str, Any] = document()
    plan: dict[str, Any] = document()
    solve_ms: int


class FulfillmentOrderRow(SQLModel, table=True):
    """Work asked of one location; `state` is what the location last said, `recall` the talk about taking it back."""

    __tablename__ = "fulfillment_orders"
    __table_args__ = (ForeignKeyConstraint(["order_id"], ["orders.id"]), UniqueConstraint("order_id", "number"))
    id: str = Field(primary_key=True)
    order_id: str = Field(index=True)
    number: int
    round: int
    location_id: str = Field(index=True)
    connection_id: str
    state: str = Field(index=True, description="planned, sent, accepted, picked, ready, on_hold, then an end state")
    recall: str = Field(default="", description="empty, wanted, asked, confirmed, refused")
    recall_asks: int = 0
    reason: str = ""
    is_pickup: bool = False
    address_version: int = 1
    external_id: str = ""
    ship_on: str = ""
    sent_at: datetime | None = instant(nullable=True)
    due_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()


class FulfillmentLineRow(SQLModel, table=True):
    """Units of one item in a fulfillment order (a bundle's line has several rows, one per component)."""

    __tablename__ = "fulfillment_lines"
    __table_args__ = (
        PrimaryKeyConstraint("fulfillment_order_id", "line_id", "item_id"),
        ForeignKeyConstraint(["fulfillment_order_id"], ["fulfillment_orders.id"]),
    )
    fulfillment_order_id: str
    order_id: str = Field(index=True)
    line_id: str
    item_id: str
    quantity: int
    shipped: int = 0


class ShipmentRow(SQLModel, table=True):
    """A parcel that left (or units that were collected); `report` says whether the channel shows it."""

    __tablename__ = "shipments"
    __table_args__ = (
        UniqueConstraint("fulfillment_order_id", "external_id"),
        Index("ix_shipments_shipped_at", "shipped_at"),
    )
    id: str = Field(primary_key=True)
    order_id: str = Field(index=True)
    fulfillment_order_id: str
    external_id: str
    carrier: str = ""
    tracking_number: str = Field(default="", index=True)
    tracking_url: str = ""
    is_collected: bool = False
    shipped_at: datetime = instant()
    delivered_at: datetime | None = instant(nullable=True)
    lines: list[Any] = document()
    tracked_at: datetime | None = instant(nullable=True)
    reported_at: datetime | None = instant(nullable=True)
    report_version: int = Field(default=1, description="how often its tracking was told, or is to be")
    shown_as: str = Field(default="", description="the channel's id of it")
    report: str = Field(default="", description="empty, reported, refused (by the channel) or skipped (by a person)")
    capture: str = Field(default="", description="empty, captured, refused or skipped")
