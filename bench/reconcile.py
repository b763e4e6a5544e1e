"""How long a whole round of verification takes, and how it grows with the number of listings."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

from activities.verification import VerificationActivities
from connectors.contract import StockSetting
from db import verification_policy
from db.availability import LISTINGS
from db.desks.verification import VerificationDesk
from db.flows import FLOWS
from db.migrate import upgrade
from db.order_reading import CONNECTIONS
from db.session import Database
from domain.drift import VerificationPolicy
from domain.refs import VerificationCursor

if TYPE_CHECKING:
    from pathlib import Path

SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000}
NAME = "bench"


class Mirror:
    """A channel that shows what it should and answers at once: what is left is the hub's own time."""

    async def read_stock(self, item_external_ids: tuple[str, ...]) -> tuple[StockSetting, ...]:
        return tuple(
            StockSetting(item_external_id=item, location_external_id="", quantity=5) for item in item_external_ids
        )

    async def set_stock(self, settings: tuple[StockSetting, ...], key: str) -> tuple[()]:
        raise AssertionError(f"nothing is wrong, and {key} sets {len(settings)} numbers")

    async def connector(self, _connection_id: str) -> Any:
        return self


def run(folder: Path) -> dict[str, float]:
    """Seconds by size, and the time per listing of the larger ones against the small one's."""
    shutil.rmtree(folder, ignore_errors=True)
    taken = {name: asyncio.run(_round(folder / name, count)) for name, count in SIZES.items()}
    shutil.rmtree(folder)
    each = {name: seconds / SIZES[name] for name, seconds in taken.items()}
    growth = {f"reconcile_{name}_to_1k_ratio": each[name] / each["1k"] for name in ("10k", "100k")}
    return {f"reconcile_{name}_s": seconds for name, seconds in taken.items()} | growth


async def _round(folder: Path, count: int) -> float:
    await asyncio.to_thread(folder.mkdir, parents=True)
    url = f"sqlite:///{folder}/tutti.db"
    await asyncio.to_thread(upgrade, url)
    database = Database(url)
    await database.write(lambda tx: _seed(tx, count))
    verification = VerificationActivities(VerificationDesk(database), Mirror())
    started = perf_counter()
    at = await verification.begin_verification(VerificationCursor(connection_id=NAME))
    while not at.is_over:
        at = await verification.verify_numbers(at)
    taken = perf_counter() - started
    await asyncio.to_thread(database.close)
    if (at.looked, at.wrong) != (count, 0):
        raise AssertionError(f"looked at {at.looked} of {count}, {at.wrong} wrong")
    return taken


def _seed(tx: Any, count: int) -> None:
    now = datetime.now(UTC) - timedelta(hours=1)
    tx.execute(
        CONNECTIONS.insert().values(
            id=NAME, platform="bench", name=NAME, sealed_config=b"", mode="on", settings={}, created_at=now, market="",
            captures="channel", pause_reason="",
        )
    )  # fmt: skip
    tx.execute(
        FLOWS.insert().values(
            connection_id=NAME, flow="inventory", mode="on", canary_percent=100, changed_at=now, changed_by=NAME
        )
    )
    policy = VerificationPolicy(share_percent=100)
    verification_policy.put(tx, NAME, policy, by=NAME, now=now)
    shown = {
        "expected": 5,
        "confirmed": 5,
        "published": 5,
        "expected_at": now,
        "confirmed_at": now,
        "published_at": now,
    }
    rows = [
        {
            "connection_id": NAME, "item_external_id": f"{number:06}", "place": "", "item_id": f"I{number}",
            "sku": f"I{number}", "bucket": 0, "state": "settled", "version": 1, "published_version": 1,
            "confirmed_version": 1, "confirmed_by": "answer", "effect_key": "", "urgency": 2, "attempts": 0,
            "contests": 0, "error_code": "", **shown,
        }
        for number in range(count)
    ]  # fmt: skip
    for start in range(0, count, 10_000):
        tx.execute(LISTINGS.insert(), rows[start : start + 10_000])
