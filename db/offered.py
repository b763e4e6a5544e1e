"""Products that we show on channels, as each channel last confirmed them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select

from db.tables.launches import OfferedListingRow

OFFERED: Table = OfferedListingRow.__table__  # type: ignore[attr-defined]


def external_ids(tx: Connection, connection_id: str, products: Sequence[str]) -> dict[str, str]:
    """What the channel calls them."""
    mine = (OFFERED.c.connection_id == connection_id, OFFERED.c.product_id.in_(products))
    found = tx.execute(select(OFFERED.c.product_id, OFFERED.c.external_id).where(*mine))
    return {row.product_id: row.external_id for row in found}


def offer(tx: Connection, launched: Row[Any], now: datetime) -> None:
    """A listing that a launch has brought live: the base that drift is measured from."""
    mine = (OFFERED.c.connection_id == launched.connection_id, OFFERED.c.product_id == launched.product_id)
    tx.execute(delete(OFFERED).where(*mine))
    tx.execute(
        insert(OFFERED).values(
            connection_id=launched.connection_id, product_id=launched.product_id, external_id=launched.external_id,
            fields=launched.shown or launched.wanted, wanted=launched.wanted, variant_ids={},
            product_version=launched.product_version, confirmed_at=now, dirty=False,
        )
    )  # fmt: skip
