"""What channels really show: rounds of reading it back, drift by its author, and the measures of every hour."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from db.types import instant


class VerificationPolicyRow(SQLModel, table=True):
    """What is done about a number that others changed, and how much of the connection the looking may take."""

    __tablename__ = "verification_policies"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "flow"),)
    connection_id: str
    flow: str
    channel: str = Field(description="repair, accept or ask, when the channel itself changed a number")
    person: str = Field(description="repair, accept or ask, when somebody edited a number there")
    share_percent: int = Field(description="of the time in which the connection can be called")
    every_minutes: int
    changed_at: datetime = instant()
    changed_by: str = ""


class VerificationRow(SQLModel, table=True):
    """One round over all numbers of a connection: how many were looked at, and how many were not as they should be."""

    __tablename__ = "stock_verifications"
    __table_args__ = (Index("ix_stock_verifications_begun", "connection_id", "started_at"),)
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    connection_id: str
    mode: str
    started_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    looked: int = 0
    wrong: int = 0
    in_flight: int = Field(default=0, description="being changed by us while they were read: not judged")


class DriftRow(SQLModel, table=True):
    """A number that was found to be another than it should be, one row per number while it lasts."""

    __tablename__ = "stock_drifts"
    __table_args__ = (
        Index(
            "ux_stock_drifts_open", "connection_id", "item_external_id", "place", unique=True,
            sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_stock_drifts_seen", "connection_id", "seen_at"),
    )  # fmt: skip
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    connection_id: str
    item_external_id: str
    place: str
    item_id: str
    sku: str
    shown: int | None = Field(default=None, description="null: the channel did not show the number at all")
    confirmed: int | None = None
    expected: int | None = None
    author: str = Field(description="us (late), channel, person")
    action: str = Field(description="repair, accept, ask")
    seen_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    closed_by: str = ""


class StockHourRow(SQLModel, table=True):
    """One hour of one connection; accuracy is `accurate_s` of `listed_s`, both in seconds times numbers."""

    __tablename__ = "stock_hours"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "hour", "mode"),)
    connection_id: str
    hour: datetime = instant()
    mode: str = Field(description="how the flow stood: what is not `on` is the baseline")
    listed_s: int = Field(default=0, sa_type=BigInteger)
    accurate_s: int = Field(default=0, sa_type=BigInteger)
    orders: int = 0
    canceled_for_stock: int = 0


class PublicationLatencyRow(SQLModel, table=True):
    """How many numbers of an hour took how long from being known to being confirmed; see domain.latency."""

    __tablename__ = "publication_latencies"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "hour", "bucket"),)
    connection_id: str
    hour: datetime = instant()
    bucket: int
    numbers: int = 0


class WindowLossRow(SQLModel, table=True):
    """Units that a channel sold and nobody had, and what it showed them for."""

    __tablename__ = "window_losses"
    __table_args__ = (
        PrimaryKeyConstraint("order_id", "line_id", "item_id"),
        Index("ix_window_losses_at", "connection_id", "at"),
    )
    order_id: str
    line_id: str
    item_id: str
    connection_id: str
    units: int
    cause: str = Field(
        description="late (the lower number was on its way), crossed (sold at the same time), drift, channel (it sold what it did not show)"
    )
    at: datetime = instant()


class MeasureClockRow(SQLModel, table=True):
    """Up to when the hours have been measured; a row each for stock and content."""

    __tablename__ = "measure_clock"
    id: int = Field(default=1, primary_key=True)
    measured_to: datetime = instant()
