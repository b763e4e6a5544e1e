"""Returns, their lines, what they ask of the outside, and the two ledgers: goods, and refunds as we decide them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from db.types import document, instant


class ReturnRow(SQLModel, table=True):
    """One authorization to send back; its facts are among its order's, and `terms` are the policy as it was then."""

    __tablename__ = "returns"
    __table_args__ = (
        ForeignKeyConstraint(["order_id"], ["orders.id"]),
        UniqueConstraint("order_id", "number"),
        Index("ix_returns_list", "opened_at", "id"),
        Index("ix_returns_run_open", "id", sqlite_where=text("run_open"), postgresql_where=text("run_open")),
        Index("ix_returns_external", "connection_id", "external_id"),
    )
    id: str = Field(primary_key=True)
    order_id: str
    number: int
    connection_id: str
    external_id: str = Field(default="", description="the channel's id of it")
    opened_by: str = Field(description="api, buyer, store, channel or carrier")
    method: str
    resolution: str = "refund"
    instant_refund: str = "never"
    location_id: str | None = Field(default=None, index=True, description="where the goods are expected")
    policy_version: str
    terms: dict[str, Any] = document()
    decision: str = ""
    decided_by: str = ""
    decision_reason: str = ""
    state: str = Field(default="to_decide", index=True)
    outcome: str | None = None
    why: str = ""
    run_no: int = 0
    run_open: bool = False
    opened_at: datetime = instant()
    remind_at: datetime | None = instant(nullable=True)
    expires_at: datetime | None = instant(nullable=True)
    first_scan_at: datetime | None = instant(nullable=True)
    received_at: datetime | None = instant(nullable=True)
    lost_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    expired: bool = False
    withdrawn: bool = False
    grades_settled: bool = False
    claw_back: str = Field(default="", description="empty, due or settled")
    uncovered_minor: int = 0
    uncovered_why: str = ""
    shipping_given_minor: int = 0
    channel_given_minor: int = Field(
        default=0, description="of what the channel refunded by itself, this return's part"
    )
    exchange: list[Any] | None = document(nullable=True)
    exchange_order_id: str = ""
    round: int = Field(default=1, description="counted on when what was ended is wanted again")
    stopped: bool = False
    acknowledged: list[str] = document()


class ReturnLineRow(SQLModel, table=True):
    """Units of one order line; `paid` are those for which value was given."""

    __tablename__ = "return_lines"
    __table_args__ = (
        PrimaryKeyConstraint("return_id", "line_id"),
        ForeignKeyConstraint(["return_id"], ["returns.id"]),
        CheckConstraint("announced > 0", name="something_is_announced"),
        CheckConstraint("paid >= 0 AND paid <= authorized", name="paid_within_authorized"),
    )
    return_id: str
    line_id: str
    order_id: str = Field(index=True)
    sku: str
    reason: str
    announced: int
    authorized: int = 0
    paid: int = 0
    worth_minor: int = Field(default=0, description="what the paid units are worth, before fees")
    fee_minor: int = 0
    accepted_anyway: int = Field(default=0, description="units that a person pays for in spite of their grade")


class GoodsEntryRow(SQLModel, table=True):
    """One movement of returned goods, appended.

    What we decide carries what it is limited by: `before` units of its kind were counted, `within` are allowed.
    The database refuses a decision beyond its limit, and two decisions that were counted alike. Facts have no limit.
    """

    __tablename__ = "goods_entries"
    __table_args__ = (
        ForeignKeyConstraint(["return_id"], ["returns.id"]),
        CheckConstraint("quantity > 0", name="units_are_moved"),
        CheckConstraint(
            "(kind IN ('authorized', 'released', 'graded', 'restocked', 'disposed')) = (within IS NOT NULL)",
            name="decisions_have_a_limit",
        ),
        CheckConstraint("within IS NULL OR before + quantity <= within", name="units_within_limit"),
        Index(
            "ux_goods_counted_once",
            "scope", "kind", "number",
            unique=True,
            sqlite_where=text("within IS NOT NULL"),
            postgresql_where=text("within IS NOT NULL"),
        ),
    )  # fmt: skip
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    key: str = Field(unique=True)
    return_id: str = Field(index=True)
    order_id: str = Field(index=True)
    scope: str = Field(description="what the limit is counted over: the order's line, or the return's line and item")
    kind: str = Field(
        description="announced, received (facts); authorized, released, graded, restocked, disposed (decisions)"
    )
    line_id: str = Field(default="", description="empty: something that is on no line of the return")
    item_id: str = ""
    quantity: int
    number: int = Field(default=0, description="how many decisions of its kind came before in its scope")
    before: int = 0
    within: int | None = None
    grade: str = ""
    disposition: str = ""
    location_id: str = ""
    by: str = ""
    at: datetime = instant()


class RefundRow(SQLModel, table=True):
    """Value that we decided to give back to one tender; limited like goods: `before` + amount ≤ `within`."""

    __tablename__ = "refunds"
    __table_args__ = (
        ForeignKeyConstraint(["return_id"], ["returns.id"]),
        UniqueConstraint("order_id", "number"),
        CheckConstraint("amount_minor > 0", name="refund_is_an_amount"),
        CheckConstraint("before_minor + amount_minor <= within_minor", name="refund_within_captured"),
    )
    id: str = Field(primary_key=True)
    return_id: str = Field(index=True)
    order_id: str
    number: int
    tender: str
    parent_external_id: str = ""
    connection_id: str = Field(description="who holds the money; empty where it becomes credit of an exchange")
    currency: str
    amount_minor: int
    before_minor: int
    within_minor: int
    state: str = Field(default="planned", description="planned, calling, made, refused, given_up")
    external_id: str = ""
    entry_key: str = Field(default="", description="of the tender ledger's entry, once it is made")
    decided_at: datetime = instant()
    made_at: datetime | None = instant(nullable=True)


class ReturnDutyRow(SQLModel, table=True):
    """One write to the outside that a return asks for."""

    __tablename__ = "return_duties"
    __table_args__ = (ForeignKeyConstraint(["return_id"], ["returns.id"]),)
    id: str = Field(primary_key=True)
    return_id: str = Field(index=True)
    number: int
    kind: str
    about: str = Field(default="", description="which refund, which message")
    round: int = Field(default=1, description="of the return, which a restart begins anew")
    connection_id: str
    state: str = ""
    shown: dict[str, Any] | None = document(nullable=True)


class ReturnParcelRow(SQLModel, table=True):
    """A parcel that brings a return; the label's address at the carrier is sealed, since the label names a person."""

    __tablename__ = "return_parcels"
    __table_args__ = (PrimaryKeyConstraint("return_id", "reference"),)
    return_id: str
    reference: str
    connection_id: str = ""
    external_id: str = ""
    carrier: str = ""
    tracking_number: str = Field(default="", index=True)
    sealed_document: bytes | None = None
    is_voided: bool = False
    status: str = ""


class ReturnOutboxRow(SQLModel, table=True):
    """A return whose run must look at the facts up to `seq`; one row per return, bumped while it waits."""

    __tablename__ = "return_outbox"
    return_id: str = Field(primary_key=True)
    seq: int
    due_at: datetime = instant(index=True)
    attempts: int = 0


class ReturnPolicyRow(SQLModel, table=True):
    """One version of the return policy; at most one is active."""

    __tablename__ = "return_policies"
    __table_args__ = (
        Index(
            "ux_return_policy_active",
            "active",
            unique=True,
            sqlite_where=text("active"),
            postgresql_where=text("active"),
        ),
    )
    version: str = Field(primary_key=True)
    body: dict[str, Any] = document()
    active: bool = False
    created_at: datetime = instant()
    created_by: str = ""
