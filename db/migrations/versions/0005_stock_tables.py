"""Stock tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capacity_days",
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("location_id", "day"),
    )
    op.create_table(
        "held_stock_news",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lacks", sa.String(), nullable=False),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "key"),
    )
    op.create_index(op.f("ix_held_stock_news_lacks"), "held_stock_news", ["lacks"], unique=False)
    op.create_table(
        "inventory_levels",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("in_transit", sa.Integer(), nullable=False),
        sa.Column("incoming", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        sa.PrimaryKeyConstraint("item_id", "location_id", "condition"),
    )
    op.create_index(op.f("ix_inventory_levels_location_id"), "inventory_levels", ["location_id"], unique=False)
    op.create_index(
        "ix_levels_unseen",
        "inventory_levels",
        ["item_id"],
        unique=False,
        sqlite_where=sa.text("version > seen"),
        postgresql_where=sa.text("version > seen"),
    )
    op.create_table(
        "item_aliases",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "connection_id"),
    )
    op.create_index(op.f("ix_item_aliases_item_id"), "item_aliases", ["item_id"], unique=False)
    op.create_table(
        "items",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("is_hazmat", sa.Boolean(), nullable=False),
        sa.Column("sku_class", sa.String(), nullable=False),
        sa.Column("components", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "locations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("profile", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "reservations",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name="reservation_not_negative"),
        sa.PrimaryKeyConstraint("order_id", "holder", "line_id", "item_id", "location_id"),
    )
    op.create_index("ix_reservations_item", "reservations", ["item_id", "location_id"], unique=False)
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_movements_level", "stock_movements", ["item_id", "location_id", "condition"], unique=False)
    op.create_index(op.f("ix_stock_movements_order_id"), "stock_movements", ["order_id"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("from_location_id", sa.String(), nullable=False),
        sa.Column("to_location_id", sa.String(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_transfers_to_location_id"), "transfers", ["to_location_id"], unique=False)
    op.create_table(
        "waiting_lines",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "line_id", "item_id"),
    )
    op.create_index(
        "ix_waiting_queue", "waiting_lines", ["item_id", sa.literal_column("priority DESC"), "placed_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("waiting_lines")
    op.drop_index(op.f("ix_transfers_to_location_id"), table_name="transfers")
    op.drop_table("transfers")
    op.drop_index(op.f("ix_stock_movements_order_id"), table_name="stock_movements")
    op.drop_index("ix_movements_level", table_name="stock_movements")
    op.drop_table("stock_movements")
    op.drop_index("ix_reservations_item", table_name="reservations")
    op.drop_table("reservations")
    op.drop_table("locations")
    op.drop_table("items")
    op.drop_index(op.f("ix_item_aliases_item_id"), table_name="item_aliases")
    op.drop_table("item_aliases")
    op.drop_index(
        "ix_levels_unseen",
        table_name="inventory_levels",
        sqlite_where=sa.text("version > seen"),
        postgresql_where=sa.text("version > seen"),
    )
    op.drop_index(op.f("ix_inventory_levels_location_id"), table_name="inventory_levels")
    op.drop_table("inventory_levels")
    op.drop_index(op.f("ix_held_stock_news_lacks"), table_name="held_stock_news")
    op.drop_table("held_stock_news")
    op.drop_table("capacity_days")
