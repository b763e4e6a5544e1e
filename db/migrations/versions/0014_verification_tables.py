"""Verification tables."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measure_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measured_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "publication_latencies",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "hour", "bucket"),
    )
    op.create_table(
        "stock_drifts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("item_external_id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=True),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_stock_drifts_seen", "stock_drifts", ["connection_id", "seen_at"], unique=False)
    op.create_index(
        "ux_stock_drifts_open",
        "stock_drifts",
        ["connection_id", "item_external_id", "place"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "stock_hours",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("listed_s", sa.BigInteger(), nullable=False),
        sa.Column("accurate_s", sa.BigInteger(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("canceled_for_stock", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "hour", "mode"),
    )
    op.create_table(
        "stock_verifications",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("in_flight", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_stock_verifications_begun", "stock_verifications", ["connection_id", "started_at"], unique=False
    )
    op.create_table(
        "verification_policies",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("share_percent", sa.Integer(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "flow"),
    )
    op.create_table(
        "window_losses",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "line_id", "item_id"),
    )
    op.create_index("ix_window_losses_at", "window_losses", ["connection_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_window_losses_at", table_name="window_losses")
    op.drop_table("window_losses")
    op.drop_table("verification_policies")
    op.drop_index("ix_stock_verifications_begun", table_name="stock_verifications")
    op.drop_table("stock_verifications")
    op.drop_table("stock_hours")
    op.drop_index(
        "ux_stock_drifts_open",
        table_name="stock_drifts",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_stock_drifts_seen", table_name="stock_drifts")
    op.drop_table("stock_drifts")
    op.drop_table("publication_latencies")
    op.drop_table("measure_clock")
