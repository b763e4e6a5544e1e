"""Who may do what, who did what, rules by version, and requests that may be repeated."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from db.types import document, instant


class ApiKeyRow(SQLModel, table=True):
    """A key to the API; only its hash is kept."""

    __tablename__ = "api_keys"
    id: str = Field(primary_key=True)
    name: str
    role: str
    key_hash: str = Field(unique=True)
    created_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)


class AuditRow(SQLModel, table=True):
    """One change by a person or key; each row's hash covers the one before, so that a removed row shows."""

    __tablename__ = "audit_log"
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    at: datetime = instant()
    actor: str
    role: str
    origin: str = ""
    action: str
    target: str = Field(index=True)
    before: dict[str, Any] | None = document(nullable=True)
    after: dict[str, Any] | None = document(nullable=True)
    hash: str


class SourcingRulesRow(SQLModel, table=True):
    """One version of the sourcing rules; at most one is active."""

    __tablename__ = "sourcing_rules"
    __table_args__ = (
        Index(
            "ux_rules_active",
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


class IdempotencyRow(SQLModel, table=True):
    """The stored answer to a request that carried an Idempotency-Key."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (PrimaryKeyConstraint("actor", "key"),)
    actor: str
    key: str
    request_hash: str
    status: int
    answer: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime = instant(index=True)


class BulkJobRow(SQLModel, table=True):
    """A bulk action with its results per item."""

    __tablename__ = "bulk_jobs"
    id: str = Field(primary_key=True)
    action: str
    actor: str
    created_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)
    items: list[Any] = document()
