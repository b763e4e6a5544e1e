"""Orders tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_subjects",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.String(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_data_subjects_email_index"), "data_subjects", ["email_index"], unique=False)
    op.create_table(
        "order_events",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "seq"),
        sa.UniqueConstraint("order_id", "key"),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel_version_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("run_no", sa.Integer(), nullable=False),
        sa.Column("run_open", sa.Boolean(), nullable=False),
        sa.Column("financial", sa.String(), nullable=False),
        sa.Column("risk", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("pickup_location_id", sa.String(), nullable=True),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("promised_on", sa.String(), nullable=False),
        sa.Column("ship_complete", sa.Boolean(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("postal_prefix", sa.String(), nullable=False),
        sa.Column("tags", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("holds", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_minor", sa.Integer(), nullable=False),
        sa.Column("shipping_minor", sa.Integer(), nullable=False),
        sa.Column("presentment_currency", sa.String(), nullable=False),
        sa.Column("presentment_total_minor", sa.Integer(), nullable=False),
        sa.Column("amounts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_refused", sa.Boolean(), nullable=False),
        sa.Column("is_shadow", sa.Boolean(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("money_settled", sa.Boolean(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("acknowledged", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("sealed_person", sa.LargeBinary(), nullable=True),
        sa.Column("address_version", sa.Integer(), nullable=False),
        sa.Column("address_ok", sa.Boolean(), nullable=False),
        sa.Column("email_index", sa.String(), nullable=True),
        sa.Column("name_index", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("connection_id", "external_id"),
    )
    op.create_index(op.f("ix_orders_email_index"), "orders", ["email_index"], unique=False)
    op.create_index("ix_orders_list", "orders", ["placed_at", "id"], unique=False)
    op.create_index(op.f("ix_orders_name_index"), "orders", ["name_index"], unique=False)
    op.create_index(op.f("ix_orders_number"), "orders", ["number"], unique=False)
    op.create_index("ix_orders_recorded_at", "orders", ["recorded_at", "connection_id", "state"], unique=False)
    op.create_index(
        "ix_orders_run_open",
        "orders",
        ["id"],
        unique=False,
        sqlite_where=sa.text("run_open"),
        postgresql_where=sa.text("run_open"),
    )
    op.create_index("ix_orders_state", "orders", ["state", "placed_at", "id"], unique=False)
    op.create_index(op.f("ix_orders_subject_id"), "orders", ["subject_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("ordered", sa.Integer(), nullable=False),
        sa.Column("channel_quantity", sa.Integer(), nullable=False),
        sa.Column("canceled", sa.Integer(), nullable=False),
        sa.Column("canceled_told", sa.Integer(), nullable=False),
        sa.Column("canceled_seen", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("requires_shipping", sa.Boolean(), nullable=False),
        sa.Column("shipped_externally", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("unit_price_minor", sa.Integer(), nullable=False),
        sa.Column("share_minor", sa.Integer(), nullable=False),
        sa.Column("given_back_minor", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("order_id", "line_id"),
    )
    op.create_index(op.f("ix_order_lines_item_id"), "order_lines", ["item_id"], unique=False)
    op.create_index(op.f("ix_order_lines_sku"), "order_lines", ["sku"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_order_lines_sku"), table_name="order_lines")
    op.drop_index(op.f("ix_order_lines_item_id"), table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index(op.f("ix_orders_subject_id"), table_name="orders")
    op.drop_index("ix_orders_state", table_name="orders")
    op.drop_index(
        "ix_orders_run_open",
        table_name="orders",
        sqlite_where=sa.text("run_open"),
        postgresql_where=sa.text("run_open"),
    )
    op.drop_index("ix_orders_recorded_at", table_name="orders")
    op.drop_index(op.f("ix_orders_number"), table_name="orders")
    op.drop_index(op.f("ix_orders_name_index"), table_name="orders")
    op.drop_index("ix_orders_list", table_name="orders")
    op.drop_index(op.f("ix_orders_email_index"), table_name="orders")
    op.drop_table("orders")
    op.drop_table("order_events")
    op.drop_index(op.f("ix_data_subjects_email_index"), table_name="data_subjects")
    op.drop_table("data_subjects")
