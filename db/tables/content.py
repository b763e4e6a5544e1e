"""What each channel shows of our products, what it should show, and what was found to differ, by author."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from db.types import document, instant


class OfferedListingRow(SQLModel, table=True):
    """A product that we show on a channel, field by field (see connectors/contract/listing_fields.py).

    `expected` is what it should show by the newest computation, `published` what it was last told of each field,
    `confirmed` what it showed when it was last looked at. Rows with `marked_at` are to be computed anew, rows in state
    `due` are to be told: however many edits there were, each listing is one row.
    """

    __tablename__ = "offered_listings"
    __table_args__ = (
        PrimaryKeyConstraint("connection_id", "product_id"),
        Index("ix_offered_listings_product", "product_id"),
        Index("ix_offered_listings_external", "connection_id", "external_id"),
        Index(
            "ix_offered_listings_marked", "connection_id", "marked_at",
            sqlite_where=text("marked_at IS NOT NULL"), postgresql_where=text("marked_at IS NOT NULL"),
        ),
        Index(
            "ix_offered_listings_due", "connection_id", "urgency", "due_at",
            sqlite_where=text("state = 'due'"), postgresql_where=text("state = 'due'"),
        ),
        Index(
            "ix_offered_listings_sent", "connection_id",
            sqlite_where=text("state = 'sent'"), postgresql_where=text("state = 'sent'"),
        ),
        Index(
            "ix_offered_listings_look", "connection_id", "look_at",
            sqlite_where=text("look_at IS NOT NULL"), postgresql_where=text("look_at IS NOT NULL"),
        ),
    )  # fmt: skip
    connection_id: str
    product_id: str
    external_id: str = ""
    kind: str = Field(default="", description="the channel's product type, where it wants to be told with each change")
    variant_ids: dict[str, Any] = document()
    bucket: int = Field(default=0, description="0 to 99 by product: canaries are the listings below the share")
    product_version: int = Field(default=0, description="of the master that `expected` was made of")
    expected: dict[str, Any] | None = document(nullable=True)
    published: dict[str, Any] = document()
    confirmed: dict[str, Any] = document()
    replaced: dict[str, Any] = document()
    sending: dict[str, Any] | None = document(nullable=True)
    left: list[str] = document()
    held: dict[str, Any] = document()
    held_by: str = Field(default="", description="the launch, or the gate, that holds `held` back")
    marked_at: datetime | None = instant(nullable=True)
    changed_at: datetime | None = instant(nullable=True)
    state: str = Field(default="settled", description="settled, due, sent, accepted (a yes that does not show yet)")
    urgency: int = Field(default=1, description="0 a price, 1 anything else")
    due_at: datetime | None = instant(nullable=True)
    look_at: datetime | None = instant(nullable=True)
    sent_at: datetime | None = instant(nullable=True)
    effect_key: str = Field(default="", description="the batch that it was last sent with")
    channel_version: str = Field(default="", description="the platform's own stamp of what was last seen")
    confirmed_at: datetime = instant()
    attempts: int = Field(default=0, description="failed in a row")
    contests: int = Field(default=0, description="how often others changed what the hub had set, in a row")
    error_code: str = ""
    error_field: str = ""
    fields: int = Field(default=0, description="how many of its fields are ours")
    right: int = Field(default=0, description="how many of those show as they should")


class ListingDriftRow(SQLModel, table=True):
    """A field that a channel shows otherwise than it should, one row per field while it lasts."""

    __tablename__ = "listing_drifts"
    __table_args__ = (
        Index(
            "ux_listing_drifts_open", "connection_id", "product_id", "field", unique=True,
            sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_listing_drifts_seen", "connection_id", "found_at"),
    )  # fmt: skip
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    connection_id: str
    product_id: str
    field: str
    ours: Any = document(nullable=True)
    shown: Any = document(nullable=True)
    author: str = Field(description="us (late), channel, person")
    action: str = Field(description="repair, accept, ask")
    found_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    closed_as: str = Field(default="", description="repaired, accepted, gone")
    closed_by: str = ""


class ContentPolicyRow(SQLModel, table=True):
    """One version of what is done about drift of a connection's fields; at most one is in force."""

    __tablename__ = "content_policies"
    __table_args__ = (
        PrimaryKeyConstraint("connection_id", "version"),
        Index(
            "ux_content_policies_active", "connection_id", unique=True,
            sqlite_where=text("active"), postgresql_where=text("active"),
        ),
    )  # fmt: skip
    connection_id: str
    version: str
    body: dict[str, Any] = document()
    active: bool = False
    created_at: datetime = instant()
    created_by: str = ""


class ContentVerificationRow(SQLModel, table=True):
    """One round over all listings of a connection: how many fields were looked at, and how many were wrong."""

    __tablename__ = "content_verifications"
    __table_args__ = (Index("ix_content_verifications_begun", "connection_id", "started_at"),)
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    connection_id: str
    mode: str
    started_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    listings: int = 0
    looked: int = 0
    wrong: int = 0
    in_flight: int = Field(default=0, description="fields being changed by us while they were read: not judged")


class ContentHourRow(SQLModel, table=True):
    """One hour of one connection; accuracy is `accurate_s` of `listed_s`, both in seconds times fields."""

    __tablename__ = "content_hours"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "hour", "mode"),)
    connection_id: str
    hour: datetime = instant()
    mode: str = Field(description="how the flow stood: what is not `on` is the baseline")
    listed_s: int = Field(default=0, sa_type=BigInteger)
    accurate_s: int = Field(default=0, sa_type=BigInteger)


class ContentLatencyRow(SQLModel, table=True):
    """How many listings of an hour took how long from a change to its proof; see domain.latency."""

    __tablename__ = "content_latencies"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "hour", "bucket"),)
    connection_id: str
    hour: datetime = instant()
    bucket: int
    listings: int = 0
