"""Webhook deliveries as they came in, and the outbox of runs to be woken."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from db.types import Utc, instant


class InboxRow(SQLModel, table=True):
    """One verified delivery, raw and encrypted; `outcome` says what became of it."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("connection_id", "topic", "event_id"),
        Index("ix_inbox_new", "id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
    )
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    connection_id: str
    topic: str
    event_id: str
    received_at: datetime = instant()
    triggered_at: datetime | None = instant(nullable=True)
    sealed_body: bytes
    state: str = Field(default="new", description="new, done, unreadable, unknown_topic, failed")
    outcome: str = ""
    order_id: str | None = Field(default=None, index=True)
    error_id: str = ""
    attempts: int = 0
    processed_at: datetime | None = instant(nullable=True)


class ForgedRow(SQLModel, table=True):
    """How many deliveries with a bad signature a connection got, per minute."""

    __tablename__ = "forged_deliveries"
    connection_id: str = Field(primary_key=True)
    minute: datetime = Field(sa_column=Column(Utc(), primary_key=True))
    count: int


class OutboxRow(SQLModel, table=True):
    """An order whose run must look at the facts up to `seq`; one row per order, bumped while it waits."""

    __tablename__ = "outbox"
    order_id: str = Field(primary_key=True)
    seq: int
    due_at: datetime = instant(index=True)
    attempts: int = 0
