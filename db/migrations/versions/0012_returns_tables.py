"""Returns tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_outbox",
        sa.Column("return_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("return_id"),
    )
    op.create_index(op.f("ix_return_outbox_due_at"), "return_outbox", ["due_at"], unique=False)
    op.create_table(
        "return_parcels",
        sa.Column("return_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("tracking_number", sa.String(), nullable=False),
        sa.Column("sealed_document", sa.LargeBinary(), nullable=True),
        sa.Column("is_voided", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("return_id", "reference"),
    )
    op.create_index(op.f("ix_return_parcels_tracking_number"), "return_parcels", ["tracking_number"], unique=False)
    op.create_table(
        "return_policies",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_index(
        "ux_return_policy_active",
        "return_policies",
        ["active"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "returns",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("instant_refund", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=True),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("run_no", sa.Integer(), nullable=False),
        sa.Column("run_open", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_scan_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("grades_settled", sa.Boolean(), nullable=False),
        sa.Column("claw_back", sa.String(), nullable=False),
        sa.Column("uncovered_minor", sa.Integer(), nullable=False),
        sa.Column("uncovered_why", sa.String(), nullable=False),
        sa.Column("shipping_given_minor", sa.Integer(), nullable=False),
        sa.Column("channel_given_minor", sa.Integer(), nullable=False),
        sa.Column("exchange", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("exchange_order_id", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("acknowledged", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "number"),
    )
    op.create_index("ix_returns_external", "returns", ["connection_id", "external_id"], unique=False)
    op.create_index("ix_returns_list", "returns", ["opened_at", "id"], unique=False)
    op.create_index(op.f("ix_returns_location_id"), "returns", ["location_id"], unique=False)
    op.create_index(
        "ix_returns_run_open",
        "returns",
        ["id"],
        unique=False,
        sqlite_where=sa.text("run_open"),
        postgresql_where=sa.text("run_open"),
    )
    op.create_index(op.f("ix_returns_state"), "returns", ["state"], unique=False)
    op.create_table(
        "goods_entries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("return_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("within", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('authorized', 'released', 'graded', 'restocked', 'disposed')) = (within IS NOT NULL)",
            name="decisions_have_a_limit",
        ),
        sa.CheckConstraint("quantity > 0", name="units_are_moved"),
        sa.CheckConstraint("within IS NULL OR before + quantity <= within", name="units_within_limit"),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(op.f("ix_goods_entries_order_id"), "goods_entries", ["order_id"], unique=False)
    op.create_index(op.f("ix_goods_entries_return_id"), "goods_entries", ["return_id"], unique=False)
    op.create_index(
        "ux_goods_counted_once",
        "goods_entries",
        ["scope", "kind", "number"],
        unique=True,
        sqlite_where=sa.text("within IS NOT NULL"),
        postgresql_where=sa.text("within IS NOT NULL"),
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("return_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tender", sa.String(), nullable=False),
        sa.Column("parent_external_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("before_minor", sa.Integer(), nullable=False),
        sa.Column("within_minor", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name="refund_is_an_amount"),
        sa.CheckConstraint("before_minor + amount_minor <= within_minor", name="refund_within_captured"),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "number"),
    )
    op.create_index(op.f("ix_refunds_return_id"), "refunds", ["return_id"], unique=False)
    op.create_table(
        "return_duties",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("return_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("shown", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_return_duties_return_id"), "return_duties", ["return_id"], unique=False)
    op.create_table(
        "return_lines",
        sa.Column("return_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("announced", sa.Integer(), nullable=False),
        sa.Column("authorized", sa.Integer(), nullable=False),
        sa.Column("paid", sa.Integer(), nullable=False),
        sa.Column("worth_minor", sa.Integer(), nullable=False),
        sa.Column("fee_minor", sa.Integer(), nullable=False),
        sa.Column("accepted_anyway", sa.Integer(), nullable=False),
        sa.CheckConstraint("announced > 0", name="something_is_announced"),
        sa.CheckConstraint("paid >= 0 AND paid <= authorized", name="paid_within_authorized"),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"]),
        sa.PrimaryKeyConstraint("return_id", "line_id"),
    )
    op.create_index(op.f("ix_return_lines_order_id"), "return_lines", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_return_lines_order_id"), table_name="return_lines")
    op.drop_table("return_lines")
    op.drop_index(op.f("ix_return_duties_return_id"), table_name="return_duties")
    op.drop_table("return_duties")
    op.drop_index(op.f("ix_refunds_return_id"), table_name="refunds")
    op.drop_table("refunds")
    op.drop_index(
        "ux_goods_counted_once",
        table_name="goods_entries",
        sqlite_where=sa.text("within IS NOT NULL"),
        postgresql_where=sa.text("within IS NOT NULL"),
    )
    op.drop_index(op.f("ix_goods_entries_return_id"), table_name="goods_entries")
    op.drop_index(op.f("ix_goods_entries_order_id"), table_name="goods_entries")
    op.drop_table("goods_entries")
    op.drop_index(op.f("ix_returns_state"), table_name="returns")
    op.drop_index(
        "ix_returns_run_open",
        table_name="returns",
        sqlite_where=sa.text("run_open"),
        postgresql_where=sa.text("run_open"),
    )
    op.drop_index(op.f("ix_returns_location_id"), table_name="returns")
    op.drop_index("ix_returns_list", table_name="returns")
    op.drop_index("ix_returns_external", table_name="returns")
    op.drop_table("returns")
    op.drop_index(
        "ux_return_policy_active",
        table_name="return_policies",
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    op.drop_table("return_policies")
    op.drop_index(op.f("ix_return_parcels_tracking_number"), table_name="return_parcels")
    op.drop_table("return_parcels")
    op.drop_index(op.f("ix_return_outbox_due_at"), table_name="return_outbox")
    op.drop_table("return_outbox")
