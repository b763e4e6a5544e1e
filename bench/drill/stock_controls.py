"""Control arms of publication: numbers end wrong, or a sale is undone, when a protection is taken out."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from unittest.mock import patch

from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

import activities.publication
import domain.publication
from activities.publication import PublicationActivities
from bench.drill.small_world import small_world
from bench.drill.stock import UNITS, bare
from bench.shown import shown
from bench.stage import SHOPS
from db import looks
from db.desks.publication import PublicationDesk
from db.marking import mark
from db.restock import receive
from domain.refs import ConnectionRef

if TYPE_CHECKING:
    from pathlib import Path

    from bench.drill.controls import Arm
    from bench.stage import Scene

SHOP = "shopify-us"
SKU, PLACE, LOCATION = "LAMP-01", "71002", "ATL"
TURNS = 4


async def unread_answers(folder: Path, is_protected: bool) -> int:
    """The shop takes a number and its answer is lost; meanwhile stock fell again. Units shown that are not there."""
    async with small_world(folder, bare, publish=True) as here:
        await _publish(here)
        lost = {"kind": "commit_then_drop", "platform": "shopify", "operation": "inventorySetQuantities", "nth": [1]}
        (await here.sandbox.post("/control/faults", json={"faults": [lost]})).raise_for_status()
        with ExitStack() as without:
            without.enter_context(patch.object(activities.publication, "TURN_S", 2.0))  # it would look for longer
            if not is_protected:
                for which in ("in_doubt", "to_look_at"):
                    without.enter_context(patch.object(looks, which, lambda *_: ()))
            for number in (1, 2):
                await _receive(here, f"drill:{number}", -number)
                await _publish(here)
        return await _too_many(here, UNITS - 3)


async def undone_sales(folder: Path, is_protected: bool) -> int:
    """The shop sells 4 units, which the hub hears of late; meanwhile one comes in. Units shown that are sold."""
    async with small_world(folder, bare, publish=True) as here:
        await _publish(here)
        shop = SHOPS[SHOP][0]
        sold: dict[str, str | int] = {"sku": SKU, "location_id": int(PLACE), "available": UNITS - 4}
        (await here.sandbox.post(f"/control/shopify/shops/{shop}/stock", params=sold)).raise_for_status()
        await _receive(here, "drill:1", 1)
        with ExitStack() as without:
            if not is_protected:
                without.enter_context(patch.object(domain.publication, "NEWS_GRACE", timedelta(0)))
            await _publish(here)
            return await _too_many(here, UNITS - 3)


STOCK_ARMS: dict[str, Arm] = {"reading_lost_answers_back": unread_answers, "grace_for_late_orders": undone_sales}


async def _publish(here: Scene) -> None:
    """Follow the marks and give the shop's run some turns, as relay and engine do."""
    turns = PublicationActivities(PublicationDesk(here.hub.database), here.hub)
    for _ in range(TURNS):
        while (await here.hub.database.write(lambda tx: mark(tx, datetime.now(UTC)))).seen:
            pass
        try:
            await ActivityEnvironment().run(turns.publish_stock, ConnectionRef(connection_id=SHOP))
        except ApplicationError:
            continue


async def _receive(here: Scene, key: str, units: int) -> None:
    work = partial(receive, key=key, item_id=SKU, location_id=LOCATION, quantity=units, at=datetime.now(UTC))
    await here.hub.database.write(work)


async def _too_many(here: Scene, there: int) -> int:
    return max(0, (await shown(here))[SHOP, SKU, PLACE] - there)
