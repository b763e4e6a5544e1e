"""Every table; importing this package fills the metadata that migrations compare with."""

from sqlmodel import SQLModel

from db.tables import (
    alerts,
    catalog,
    certificates,
    connections,
    content,
    effects,
    exceptions,
    fulfillment,
    governance,
    inbox,
    launches,
    orders,
    publication,
    returns,
    stock,
    users,
    verification,
)

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "alerts",
    "catalog",
    "certificates",
    "connections",
    "content",
    "effects",
    "exceptions",
    "fulfillment",
    "governance",
    "inbox",
    "launches",
    "orders",
    "publication",
    "returns",
    "stock",
    "users",
    "verification",
]
