"""The effect ledger and the tender ledger: what was written outside, and what money moved."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, text
from sqlmodel import Field, SQLModel

from db.types import document, instant


class EffectRow(SQLModel, table=True):
    """One write to the outside; `key` names the intended state and its version."""

    __tablename__ = "effects"
    __table_args__ = (
        Index(
            "ix_effects_open",
            "connection_id",
            sqlite_where=text("state IN ('intent', 'in_doubt')"),
            postgresql_where=text("state IN ('intent', 'in_doubt')"),
        ),
        Index("ix_effects_settled_at", "settled_at"),
    )
    key: str = Field(primary_key=True)
    kind: str
    connection_id: str
    order_id: str | None = Field(default=None, index=True)
    return_id: str | None = Field(default=None, index=True)
    state: str = Field(description="intent, confirmed, rejected, in_doubt, shadow")
    attempts: int = 0
    intended_at: datetime = instant()
    called_at: datetime | None = instant(nullable=True)
    settled_at: datetime | None = instant(nullable=True)
    proof: dict[str, Any] | None = document(nullable=True)
    error_code: str = ""


class PaymentStepRow(SQLModel, table=True):
    """A capture or void of one authorization, decided before it is asked for."""

    __tablename__ = "payment_steps"
    id: str = Field(primary_key=True, description="the shipment that is captured, or the order id and V1, V2 ...")
    order_id: str = Field(index=True)
    shipment_id: str = Field(default="", description="empty for a void")
    kind: str = Field(description="capture or void")
    connection_id: str = Field(description="who holds the money")
    tender: str
    parent_external_id: str = Field(description="the authorization")
    currency: str
    amount_minor: int
    state: str = Field(default="", description="empty, done, refused or skipped")
    external_id: str = Field(default="", description="the movement that it was proven by")


class LineCancelRow(SQLModel, table=True):
    """Units of lines that the channel is told not to expect any more, and what they are worth to the buyer.

    Without lines it is money alone, given back by whoever holds it.
    """

    __tablename__ = "line_cancels"
    id: str = Field(primary_key=True, description="order id, then C1, C2 ...")
    order_id: str = Field(index=True)
    lines: dict[str, Any] = document()
    worth_minor: int = Field(description="in the order's presentment currency")
    connection_id: str = Field(description="who is told: the channel, or a payment provider")
    parent_external_id: str = Field(default="", description="the one payment that it is given back to, if named")
    at: datetime = instant()
    report: str = Field(default="", description="empty, reported, refused (by the channel) or skipped")


class TenderEntryRow(SQLModel, table=True):
    """One movement of money of an order, appended; amounts are positive, `kind` says which way."""

    __tablename__ = "tender_entries"
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    key: str = Field(unique=True)
    order_id: str = Field(index=True)
    tender: str
    kind: str = Field(
        description="authorized, captured, refunded, voided, failed, fee, chargeback, chargeback_won, recovered"
    )
    currency: str
    amount_minor: int
    external_id: str = ""
    parent_external_id: str = ""
    source: str
    at: datetime = instant()
