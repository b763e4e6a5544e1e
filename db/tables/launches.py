"""Launches: what was asked, what each channel showed before, what was staged, when it went live, and who decided what."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from db.types import document, instant


class LaunchRow(SQLModel, table=True):
    """A launch; `seq` counts its facts."""

    __tablename__ = "launches"
    __table_args__ = (
        Index("ix_launches_run_open", "id", sqlite_where=text("run_open"), postgresql_where=text("run_open")),
    )
    id: str = Field(primary_key=True)
    name: str
    mode: str = Field(description="real, dry_run, rehearsal")
    policy: dict[str, Any] = document()
    approvals: int
    reserve: dict[str, Any] = document()
    go_live_at: datetime = instant()
    created_by: str
    created_at: datetime = instant()
    seq: int = 0
    run_no: int = 0
    run_open: bool = False
    step: int = Field(default=0, description="counts what its run has done, so that the newest answer is known")
    revision: int = Field(default=1, description="counts what is to be staged anew")
    paused: bool = False
    cancel_asked: bool = False
    restoring: str = Field(default="", description="why it is taken back")
    barrier_at: datetime | None = instant(nullable=True)
    first_live_at: datetime | None = instant(nullable=True)
    last_live_at: datetime | None = instant(nullable=True)
    skew_ms: int | None = None
    platform_delay_ms: int | None = None
    exposed_ms: int | None = Field(default=None, description="how long buyers could see what was taken back")
    outcome: str | None = Field(default=None, index=True)
    ended_at: datetime | None = instant(nullable=True)


class LaunchProductRow(SQLModel, table=True):
    """A product of a launch; one launch at a time holds it."""

    __tablename__ = "launch_products"
    __table_args__ = (
        PrimaryKeyConstraint("launch_id", "product_id"),
        Index(
            "ux_launch_products_held",
            "product_id",
            unique=True,
            sqlite_where=text("held"),
            postgresql_where=text("held"),
        ),
    )
    launch_id: str
    product_id: str
    position: int
    held: bool


class LaunchChannelRow(SQLModel, table=True):
    """A channel of a launch; a rehearsal writes to `connection_id` by the form of `form_of`."""

    __tablename__ = "launch_channels"
    __table_args__ = (PrimaryKeyConstraint("launch_id", "connection_id"),)
    launch_id: str
    connection_id: str
    form_of: str
    is_in: bool = True
    hides: bool | None = None
    failed: str = Field(default="", description="why it could not go live")
    first_at: datetime | None = instant(nullable=True)
    last_at: datetime | None = instant(nullable=True)
    accepts_first: bool = False
    seen_at: datetime | None = instant(nullable=True)


class LaunchListingRow(SQLModel, table=True):
    """A product of a launch on one channel. `before`, `wanted` and `shown` are flat fields."""

    __tablename__ = "launch_listings"
    __table_args__ = (
        PrimaryKeyConstraint("launch_id", "connection_id", "product_id"),
        Index("ix_launch_listings_batch", "launch_id", "connection_id", "batch"),
    )
    launch_id: str
    connection_id: str
    product_id: str
    batch: int
    state: str = Field(default="planned", description="planned, known, staging, staged, published, live, restored")
    was: str = Field(default="", description="absent, hidden, live")
    external_id: str = ""
    skus: list[Any] | None = document(nullable=True)
    product_version: int = 0
    content: str = Field(default="", description="digest of what is staged; empty: it is not, or not as it is to be")
    before: dict[str, Any] | None = document(nullable=True)
    form: dict[str, Any] | None = document(nullable=True)
    wanted: dict[str, Any] | None = document(nullable=True)
    shown: dict[str, Any] | None = document(nullable=True)
    findings: list[Any] | None = document(nullable=True)
    blocked: bool = False
    kept: dict[str, Any] | None = document(nullable=True)
    is_left: bool = Field(default=False, description="made by the launch, changed by somebody: it stays, hidden")
    live_at: datetime | None = instant(nullable=True)
    seen_at: datetime | None = instant(nullable=True)
    restored_at: datetime | None = instant(nullable=True)
    updated_at: datetime = instant()


class LaunchApprovalRow(SQLModel, table=True):
    """One person's yes to what was staged; `content` is the digest of that."""

    __tablename__ = "launch_approvals"
    __table_args__ = (PrimaryKeyConstraint("launch_id", "content", "actor"),)
    launch_id: str
    content: str
    actor: str
    role: str
    at: datetime = instant()


class LaunchEventRow(SQLModel, table=True):
    """One fact about a launch, appended."""

    __tablename__ = "launch_events"
    __table_args__ = (PrimaryKeyConstraint("launch_id", "seq"),)
    launch_id: str
    seq: int
    kind: str
    by: str = ""
    data: dict[str, Any] = document()
    at: datetime = instant()


class LaunchOutboxRow(SQLModel, table=True):
    """A launch whose run must look at the facts up to `seq`; one row per launch, bumped while it waits."""

    __tablename__ = "launch_outbox"
    launch_id: str = Field(primary_key=True)
    seq: int
    due_at: datetime = instant(index=True)
    attempts: int = 0


class LaunchLeakRow(SQLModel, table=True):
    """Something of a launch that buyers could see before its moment; the first time that we saw it."""

    __tablename__ = "launch_leaks"
    __table_args__ = (Index("ux_launch_leaks", "launch_id", "connection_id", "product_id", unique=True),)
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    launch_id: str
    connection_id: str
    product_id: str
    seen_at: datetime = instant()
