"""Effects tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "effects",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("return_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        "ix_effects_open",
        "effects",
        ["connection_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('intent', 'in_doubt')"),
        postgresql_where=sa.text("state IN ('intent', 'in_doubt')"),
    )
    op.create_index(op.f("ix_effects_order_id"), "effects", ["order_id"], unique=False)
    op.create_index(op.f("ix_effects_return_id"), "effects", ["return_id"], unique=False)
    op.create_index("ix_effects_settled_at", "effects", ["settled_at"], unique=False)
    op.create_table(
        "line_cancels",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("worth_minor", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("parent_external_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_line_cancels_order_id"), "line_cancels", ["order_id"], unique=False)
    op.create_table(
        "payment_steps",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("shipment_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("tender", sa.String(), nullable=False),
        sa.Column("parent_external_id", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_payment_steps_order_id"), "payment_steps", ["order_id"], unique=False)
    op.create_table(
        "tender_entries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("tender", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("parent_external_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(op.f("ix_tender_entries_order_id"), "tender_entries", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_tender_entries_order_id"), table_name="tender_entries")
    op.drop_table("tender_entries")
    op.drop_index(op.f("ix_payment_steps_order_id"), table_name="payment_steps")
    op.drop_table("payment_steps")
    op.drop_index(op.f("ix_line_cancels_order_id"), table_name="line_cancels")
    op.drop_table("line_cancels")
    op.drop_index("ix_effects_settled_at", table_name="effects")
    op.drop_index(op.f("ix_effects_return_id"), table_name="effects")
    op.drop_index(op.f("ix_effects_order_id"), table_name="effects")
    op.drop_index(
        "ix_effects_open",
        table_name="effects",
        sqlite_where=sa.text("state IN ('intent', 'in_doubt')"),
        postgresql_where=sa.text("state IN ('intent', 'in_doubt')"),
    )
    op.drop_table("effects")
