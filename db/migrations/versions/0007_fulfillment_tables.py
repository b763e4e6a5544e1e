"""Fulfillment tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routing_decisions",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.Column("problem", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("plan", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("solve_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "round"),
    )
    op.create_index("ix_routing_decisions_decided_at", "routing_decisions", ["decided_at"], unique=False)
    op.create_table(
        "shipments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("fulfillment_order_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("tracking_number", sa.String(), nullable=False),
        sa.Column("tracking_url", sa.String(), nullable=False),
        sa.Column("is_collected", sa.Boolean(), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lines", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("tracked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_version", sa.Integer(), nullable=False),
        sa.Column("shown_as", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("capture", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fulfillment_order_id", "external_id"),
    )
    op.create_index(op.f("ix_shipments_order_id"), "shipments", ["order_id"], unique=False)
    op.create_index("ix_shipments_shipped_at", "shipments", ["shipped_at"], unique=False)
    op.create_index(op.f("ix_shipments_tracking_number"), "shipments", ["tracking_number"], unique=False)
    op.create_table(
        "fulfillment_orders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("recall", sa.String(), nullable=False),
        sa.Column("recall_asks", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_pickup", sa.Boolean(), nullable=False),
        sa.Column("address_version", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("ship_on", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "number"),
    )
    op.create_index(op.f("ix_fulfillment_orders_location_id"), "fulfillment_orders", ["location_id"], unique=False)
    op.create_index(op.f("ix_fulfillment_orders_order_id"), "fulfillment_orders", ["order_id"], unique=False)
    op.create_index(op.f("ix_fulfillment_orders_state"), "fulfillment_orders", ["state"], unique=False)
    op.create_table(
        "fulfillment_lines",
        sa.Column("fulfillment_order_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fulfillment_order_id"], ["fulfillment_orders.id"]),
        sa.PrimaryKeyConstraint("fulfillment_order_id", "line_id", "item_id"),
    )
    op.create_index(op.f("ix_fulfillment_lines_order_id"), "fulfillment_lines", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_fulfillment_lines_order_id"), table_name="fulfillment_lines")
    op.drop_table("fulfillment_lines")
    op.drop_index(op.f("ix_fulfillment_orders_state"), table_name="fulfillment_orders")
    op.drop_index(op.f("ix_fulfillment_orders_order_id"), table_name="fulfillment_orders")
    op.drop_index(op.f("ix_fulfillment_orders_location_id"), table_name="fulfillment_orders")
    op.drop_table("fulfillment_orders")
    op.drop_index(op.f("ix_shipments_tracking_number"), table_name="shipments")
    op.drop_index("ix_shipments_shipped_at", table_name="shipments")
    op.drop_index(op.f("ix_shipments_order_id"), table_name="shipments")
    op.drop_table("shipments")
    op.drop_index("ix_routing_decisions_decided_at", table_name="routing_decisions")
    op.drop_table("routing_decisions")
