"""What each channel should show of the stock, what it was told, what it confirmed, and the rules behind it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from db.types import document, instant


class StockListingRow(SQLModel, table=True):
    """One number that a channel shows: a listing at one of the channel's places.

    `expected` is what it should be by the newest computation, `published` what was last sent, `confirmed` what the
    channel last showed (and what a compare-and-swap starts from). Rows in state `due` are the dirty set.
    """

    __tablename__ = "stock_listings"
    __table_args__ = (
        PrimaryKeyConstraint("connection_id", "item_external_id", "place"),
        Index("ix_stock_listings_item", "item_id", "connection_id"),
        Index("ix_stock_listings_sku", "sku"),
        Index(
            "ix_stock_listings_due", "connection_id", "urgency", "due_at",
            sqlite_where=text("state = 'due'"), postgresql_where=text("state = 'due'"),
        ),
        Index(
            "ix_stock_listings_sent", "connection_id",
            sqlite_where=text("state = 'sent'"), postgresql_where=text("state = 'sent'"),
        ),
        Index(
            "ix_stock_listings_look", "connection_id", "look_at",
            sqlite_where=text("look_at IS NOT NULL"), postgresql_where=text("look_at IS NOT NULL"),
        ),
    )  # fmt: skip
    connection_id: str
    item_external_id: str
    place: str = Field(description="the channel's own id of the place; empty where it knows only one")
    item_id: str = Field(default="", description="empty as long as the SKU is not mapped")
    sku: str = ""
    bucket: int = Field(default=0, description="0 to 99 by item: canaries are the items below the share")
    expected: int | None = None
    version: int = Field(default=0, description="counts the changes of `expected`: each is an effect of its own")
    expected_at: datetime | None = instant(nullable=True)
    published: int | None = None
    published_version: int = 0
    published_at: datetime | None = instant(nullable=True)
    effect_key: str = Field(default="", description="the batch that it was last sent with")
    confirmed: int | None = None
    confirmed_version: int = 0
    confirmed_at: datetime | None = instant(nullable=True)
    confirmed_by: str = Field(default="", description="answer, webhook, read_back, or channel: a change by others")
    state: str = Field(default="settled", description="settled, due, sent, accepted (a yes that buyers do not see yet)")
    urgency: int = Field(default=2, description="0 about to sell out, 1 less than shown, 2 more than shown")
    due_at: datetime | None = instant(nullable=True)
    look_at: datetime | None = instant(nullable=True)
    news_at: datetime | None = instant(nullable=True)
    attempts: int = Field(default=0, description="failed in a row")
    error_code: str = ""
    contests: int = Field(default=0, description="how often others changed it since it last stayed as it was set")


class FlowSyncRow(SQLModel, table=True):
    """What the run of a connection's flow and the relay tell each other; `epoch` fences off superseded attempts."""

    __tablename__ = "flow_syncs"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "flow"),)
    connection_id: str
    flow: str
    epoch: int = 0
    batches: int = 0
    is_idle: bool = True
    wake: bool = False
    discovered_at: datetime | None = instant(nullable=True)
    discover_wanted: bool = True


class FlowRow(SQLModel, table=True):
    """The switch of one flow of one connection: off, shadow (computed, compared, never written), on for a share."""

    __tablename__ = "flows"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "flow"),)
    connection_id: str
    flow: str
    mode: str
    canary_percent: int = 100
    changed_at: datetime = instant()
    changed_by: str = ""


class AllocationRulesRow(SQLModel, table=True):
    """One version of the allocation rules; its effect is previewed before it is approved, at most one is active."""

    __tablename__ = "allocation_rules"
    __table_args__ = (
        Index(
            "ux_allocation_active", "active", unique=True,
            sqlite_where=text("active"), postgresql_where=text("active"),
        ),
    )  # fmt: skip
    version: str = Field(primary_key=True)
    body: dict[str, Any] = document()
    active: bool = False
    created_at: datetime = instant()
    created_by: str = ""
    preview: dict[str, Any] | None = document(nullable=True)
    previewed_at: datetime | None = instant(nullable=True)
    approved_at: datetime | None = instant(nullable=True)
    approved_by: str = ""


class SafetyStockRow(SQLModel, table=True):
    """Units that are not published; an empty item, connection or location means all, `profile` when it counts."""

    __tablename__ = "safety_stocks"
    __table_args__ = (PrimaryKeyConstraint("item_id", "connection_id", "location_id", "profile"),)
    item_id: str = ""
    connection_id: str = ""
    location_id: str = ""
    profile: str = Field(default="", description="a calendar profile; empty: always")
    units: int


class CalendarProfileRow(SQLModel, table=True):
    """A time in which a profile counts, such as a peak season; a profile may have several."""

    __tablename__ = "calendar_profiles"
    __table_args__ = (PrimaryKeyConstraint("name", "starts_at"),)
    name: str
    starts_at: datetime = instant()
    ends_at: datetime = instant()


class BundlePartRow(SQLModel, table=True):
    """A component of a bundle, found by the component: its stock changes what the bundle can promise."""

    __tablename__ = "bundle_parts"
    __table_args__ = (PrimaryKeyConstraint("item_id", "bundle_id"),)
    item_id: str
    bundle_id: str


class RecomputeRow(SQLModel, table=True):
    """Listings to be computed anew because something but stock changed; worked off by item, from `after_item` on."""

    __tablename__ = "recomputes"
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    item_id: str = Field(default="", description="empty: all items")
    after_item: str = ""
    reason: str = ""
    asked_at: datetime = instant()


class PublicationClockRow(SQLModel, table=True):
    """Up to when beginnings and ends of profiles and launch reserves have been carried out; one row."""

    __tablename__ = "publication_clock"
    id: int = Field(default=1, primary_key=True)
    evaluated_to: datetime = instant()
