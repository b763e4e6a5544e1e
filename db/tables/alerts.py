"""Alert rules by version, and the outbox of what they say to whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from db.types import document, instant


class AlertRulesRow(SQLModel, table=True):
    """One version of the alert rules; at most one is active. An alert itself is an exception of a kind `alert_…`."""

    __tablename__ = "alert_rules"
    __table_args__ = (
        Index(
            "ux_alert_rules_active", "active", unique=True,
            sqlite_where=text("active"), postgresql_where=text("active"),
        ),
    )  # fmt: skip
    version: str = Field(primary_key=True)
    body: dict[str, Any] = document()
    active: bool = False
    created_at: datetime = instant()
    created_by: str = ""


class AlertMessageRow(SQLModel, table=True):
    """One thing to be said of one alert to one target, written with what it tells; `key` makes it one."""

    __tablename__ = "alert_messages"
    __table_args__ = (
        Index(
            "ix_alert_messages_due", "due_at",
            sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'"),
        ),
    )  # fmt: skip
    key: str = Field(primary_key=True, description="alert, exception id, event, target")
    exception_id: int = Field(index=True)
    event: str = Field(description="opened, cleared, again (after a snooze)")
    target: str
    rule: str
    kind: str
    severity: str
    title: str
    remedy: str
    state: str = Field(default="new", description="new, sent, given_up")
    attempts: int = 0
    due_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    error: str = ""
