"""Connections, what they map, and the switches that stop them."""

from datetime import datetime
from typing import Any

from sqlalchemy import PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from db.types import document, instant


class ConnectionRow(SQLModel, table=True):
    """One account at one platform; `sealed_config` is the connector's Config, encrypted under the master key."""

    __tablename__ = "connections"
    id: str = Field(primary_key=True)
    platform: str
    name: str
    sealed_config: bytes
    mode: str = Field(description="onboarding, shadow, on")
    market: str = ""
    captures: str = Field(default="channel", description="who takes the money: channel, hub or hub_once")
    starts_at: datetime | None = instant(nullable=True)
    paused_at: datetime | None = instant(nullable=True)
    pause_reason: str = ""
    settings: dict[str, Any] = document()
    created_at: datetime = instant()


class LocationMappingRow(SQLModel, table=True):
    """A place as a connection names it, and the location of ours that it is."""

    __tablename__ = "location_mappings"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "external_id"),)
    connection_id: str
    external_id: str
    location_id: str = Field(index=True)
    name: str = ""


class SweepRow(SQLModel, table=True):
    """How far a connection has been polled, how many orders its webhooks had missed, and which cannot be read."""

    __tablename__ = "sweeps"
    connection_id: str = Field(primary_key=True)
    swept_to: datetime = instant()
    last_run_at: datetime | None = instant(nullable=True)
    seen: int = 0
    missed: int = 0
    subscriptions_repaired: int = 0
    unreadable: list[str] = document()


class SwitchRow(SQLModel, table=True):
    """A pause switch; `all` stops every outward write."""

    __tablename__ = "switches"
    name: str = Field(primary_key=True)
    on: bool
    reason: str = ""
    changed_at: datetime = instant()


class LeaseRow(SQLModel, table=True):
    """Which process does a job that only one may do at a time."""

    __tablename__ = "leases"
    name: str = Field(primary_key=True)
    holder: str
    until: datetime = instant()
