"""The product master: products, variants, its words, what was read of pictures, and who changed which field."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from db.types import document, instant


class ProductRow(SQLModel, table=True):
    """A product without its variants; `body` holds its fields, the columns are what is searched by."""

    __tablename__ = "products"
    id: str = Field(primary_key=True)
    title: str
    state: str = Field(index=True, description="draft, ready, retired")
    category: str = Field(default="", index=True)
    version: int = Field(default=1, description="counts its changes")
    body: dict[str, Any] = document()
    updated_at: datetime = instant()


class VariantRow(SQLModel, table=True):
    """One thing to be bought; its stock is that of `item_id`."""

    __tablename__ = "product_variants"
    sku: str = Field(primary_key=True)
    product_id: str = Field(index=True, foreign_key="products.id")
    position: int
    item_id: str = Field(index=True)
    gtin: str = Field(default="", index=True)
    is_bundle: bool = Field(default=False, index=True)
    body: dict[str, Any] = document()


class AttributeRow(SQLModel, table=True):
    """An attribute that products may have."""

    __tablename__ = "product_attributes"
    code: str = Field(primary_key=True)
    body: dict[str, Any] = document()


class CategoryRow(SQLModel, table=True):
    """A place in the merchant's tree of categories."""

    __tablename__ = "product_categories"
    id: str = Field(primary_key=True)
    parent: str = ""
    body: dict[str, Any] = document()


class FieldChangeRow(SQLModel, table=True):
    """One field of a product that changed, appended; an empty `field` is the product's making."""

    __tablename__ = "product_history"
    __table_args__ = (Index("ix_product_history", "product_id", "id"),)
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    product_id: str
    field: str
    before: Any = document(nullable=True)
    after: Any = document(nullable=True)
    actor: str
    side: str = Field(description="api, command line, import:ID, apply, or channel:CONNECTION")
    at: datetime = instant()


class MediaFileRow(SQLModel, table=True):
    """What was read from the file at an address."""

    __tablename__ = "media_files"
    url: str = Field(primary_key=True)
    problem: str = ""
    format: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    sha256: str = ""
    read_at: datetime = instant()


class ChannelFormRow(SQLModel, table=True):
    """One version of the form by which a connection's listings are made; at most one per connection is active."""

    __tablename__ = "channel_forms"
    __table_args__ = (
        PrimaryKeyConstraint("connection_id", "version"),
        Index(
            "ux_channel_forms_active",
            "connection_id",
            unique=True,
            sqlite_where=text("active"),
            postgresql_where=text("active"),
        ),
    )
    connection_id: str
    version: str
    body: dict[str, Any] = document()
    active: bool = False
    created_at: datetime = instant()
    created_by: str = ""


class ChannelSchemaRow(SQLModel, table=True):
    """What a platform publishes that it wants of a product type, as JSON Schema."""

    __tablename__ = "channel_schemas"
    __table_args__ = (PrimaryKeyConstraint("connection_id", "kind"),)
    connection_id: str
    kind: str
    body: dict[str, Any] = document()
    read_at: datetime = instant()


class WaiverRow(SQLModel, table=True):
    """Somebody answers for a finding; empty `sku` and `field` mean any of the product."""

    __tablename__ = "gate_waivers"
    __table_args__ = (Index("ix_gate_waivers", "product_id", "connection_id"),)
    id: int = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    product_id: str
    connection_id: str
    gate: str
    sku: str = ""
    field: str = ""
    reason: str
    approver: str
    role: str
    at: datetime = instant()
    until: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)


class CatalogImportRow(SQLModel, table=True):
    """A file of products on its way in; `digest` is of the file, so that an interrupted import is found again."""

    __tablename__ = "catalog_imports"
    id: str = Field(primary_key=True)
    digest: str = Field(index=True)
    name: str
    actor: str
    created_at: datetime = instant()
    complete: bool = Field(default=False, description="every row has arrived")
    finished_at: datetime | None = instant(nullable=True)


class CatalogImportLineRow(SQLModel, table=True):
    """One row of such a file and what became of it."""

    __tablename__ = "catalog_import_lines"
    __table_args__ = (
        PrimaryKeyConstraint("import_id", "line"),
        Index("ix_catalog_import_lines_state", "import_id", "state", "line"),
    )
    import_id: str
    line: int
    product_id: str
    sku: str = ""
    patch: dict[str, Any] | None = document(nullable=True)
    state: str = Field(default="pending", description="pending, created, changed, same, refused")
    detail: str = ""
