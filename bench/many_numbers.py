"""The largest merchant: what it takes to compute every number anew, and to turn a page of the allocation matrix."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

import psutil
from sqlalchemy import func, select

from bench.day_merchant import furnished, skus_of
from db import allocation_matrix
from db.availability import LISTINGS
from db.marking import mark

if TYPE_CHECKING:
    from pathlib import Path

SKUS, CHANNELS, PAGE = 100_000, 5, 50


def run(folder: Path, *, count: int = SKUS) -> dict[str, float]:
    """Part by part, as the relay does."""
    folder.mkdir(parents=True, exist_ok=True)
    skus = skus_of(count)
    items = {sku: sku for sku in skus}
    database = furnished(
        f"sqlite:///{folder}/many.db", skus, {f"many-{n}": ("1", items) for n in range(CHANNELS)}, shown=0
    )
    process = psutil.Process()
    before, started, highest = process.memory_info().rss, monotonic(), 0
    while database.write_now(lambda tx: mark(tx, datetime.now(UTC))).seen:
        highest = max(highest, process.memory_info().rss)
    took, started = monotonic() - started, monotonic()
    page = database.read_now(
        lambda tx: allocation_matrix.page(tx, datetime.now(UTC), after=skus[count // 2], limit=PAGE)
    )
    page_ms = 1000 * (monotonic() - started)
    due = select(func.count()).select_from(LISTINGS).where(LISTINGS.c.state == "due")
    numbers = database.read_now(lambda tx: tx.execute(due).scalar_one())
    database.close()
    if (len(page.lines), numbers) != (PAGE, count * CHANNELS):
        raise AssertionError(f"{len(page.lines)} lines of {PAGE}, {numbers:,} numbers of {count * CHANNELS:,}")
    return {
        "stock_many_numbers": float(numbers),
        "stock_many_recompute_s": took,
        "stock_many_recompute_rss_growth_bytes": float(highest - before),
        "stock_many_matrix_page_ms": page_ms,
    }
