"""Publication tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allocation_rules",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("preview", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("previewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_index(
        "ux_allocation_active",
        "allocation_rules",
        ["active"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "bundle_parts",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("bundle_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "bundle_id"),
    )
    op.create_table(
        "calendar_profiles",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "starts_at"),
    )
    op.create_table(
        "flow_syncs",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("is_idle", sa.Boolean(), nullable=False),
        sa.Column("wake", sa.Boolean(), nullable=False),
        sa.Column("discovered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discover_wanted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "flow"),
    )
    op.create_table(
        "flows",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("canary_percent", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "flow"),
    )
    op.create_table(
        "publication_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluated_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "recomputes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("after_item", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "safety_stocks",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "connection_id", "location_id", "profile"),
    )
    op.create_table(
        "stock_listings",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("item_external_id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("published_version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effect_key", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("confirmed_version", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("news_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.Column("contests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "item_external_id", "place"),
    )
    op.create_index(
        "ix_stock_listings_due",
        "stock_listings",
        ["connection_id", "urgency", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index("ix_stock_listings_item", "stock_listings", ["item_id", "connection_id"], unique=False)
    op.create_index(
        "ix_stock_listings_look",
        "stock_listings",
        ["connection_id", "look_at"],
        unique=False,
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index(
        "ix_stock_listings_sent",
        "stock_listings",
        ["connection_id"],
        unique=False,
        sqlite_where=sa.text("state = 'sent'"),
        postgresql_where=sa.text("state = 'sent'"),
    )
    op.create_index("ix_stock_listings_sku", "stock_listings", ["sku"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_stock_listings_sku", table_name="stock_listings")
    op.drop_index(
        "ix_stock_listings_sent",
        table_name="stock_listings",
        sqlite_where=sa.text("state = 'sent'"),
        postgresql_where=sa.text("state = 'sent'"),
    )
    op.drop_index(
        "ix_stock_listings_look",
        table_name="stock_listings",
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.drop_index("ix_stock_listings_item", table_name="stock_listings")
    op.drop_index(
        "ix_stock_listings_due",
        table_name="stock_listings",
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.drop_table("stock_listings")
    op.drop_table("safety_stocks")
    op.drop_table("recomputes")
    op.drop_table("publication_clock")
    op.drop_table("flows")
    op.drop_table("flow_syncs")
    op.drop_table("calendar_profiles")
    op.drop_table("bundle_parts")
    op.drop_index(
        "ux_allocation_active",
        table_name="allocation_rules",
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    op.drop_table("allocation_rules")
