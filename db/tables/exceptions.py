"""Exceptions by cause, and the orders that each holds up."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from db.types import instant


class ExceptionRow(SQLModel, table=True):
    """Something that needs a person, one row per cause while it lasts."""

    __tablename__ = "exceptions"
    __table_args__ = (
        Index(
            "ux_exceptions_open_cause",
            "cause",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    cause: str = Field(description="kind:subject, e.g. unmapped_sku:shopify-eu:ABC")
    kind: str = Field(index=True)
    severity: str = "warning"
    title: str
    remedy: str
    connection_id: str = ""
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    closed_by: str = ""
    assignee: str = ""
    snoozed_until: datetime | None = instant(nullable=True)


class ExceptionOrderRow(SQLModel, table=True):
    """An order, or one of its returns, that an exception holds up."""

    __tablename__ = "exception_orders"
    __table_args__ = (
        PrimaryKeyConstraint("exception_id", "order_id", "return_id"),
        Index(
            "ix_exception_orders_open",
            "order_id",
            sqlite_where=text("gone_at IS NULL"),
            postgresql_where=text("gone_at IS NULL"),
        ),
    )
    exception_id: int
    order_id: str
    return_id: str = Field(default="", description="empty: it is the order itself")
    since: datetime = instant()
    gone_at: datetime | None = instant(nullable=True)


class ExceptionNoteRow(SQLModel, table=True):
    """What people wrote about an exception."""

    __tablename__ = "exception_notes"
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    exception_id: int = Field(index=True)
    author: str
    text: str
    at: datetime = instant()
