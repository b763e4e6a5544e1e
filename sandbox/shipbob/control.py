"""What tests may ask of the simulated warehouse beyond ShipBob's own API."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict

from sandbox.shipbob.behavior import Settings
from sandbox.shipbob.store import Json
from sandbox.shipbob.warehouse import Warehouse

Command = Literal["pick", "pack", "ship", "deliver", "reject", "hold", "release", "cancel"]


class StockCount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: str
    location_id: int
    on_hand: int


def control(warehouse: Warehouse) -> APIRouter:
    router = APIRouter()

    @router.get("/settings")
    async def settings() -> Settings:
        return warehouse.store.settings

    @router.post("/settings")
    async def change(changes: Settings) -> Settings:
        """Change the settings that are named; orders that are here keep their behavior."""
        named = {name: getattr(changes, name) for name in changes.model_fields_set}
        warehouse.store.settings = warehouse.store.settings.model_copy(update=named)
        return warehouse.store.settings

    @router.post("/stock")
    async def count_stock(counts: list[StockCount]) -> None:
        for count in counts:
            warehouse.store.put_stock(count.sku, count.location_id, count.on_hand)

    @router.get("/orders")
    async def orders() -> list[Json]:
        return list(warehouse.store.orders.values())

    @router.get("/orders/{reference:path}")
    async def order(reference: str) -> Json:
        return _known(warehouse, reference)

    @router.post("/orders/{reference:path}/{command}")
    async def do(reference: str, command: Command) -> Json:
        """One step of the warehouse at once: `cancel` is the warehouse's own doing, not the merchant's wish."""
        order = _known(warehouse, reference)
        step: Callable[[Json], None] = getattr(warehouse, "call_off" if command == "cancel" else command)
        step(order)
        return order

    @router.post("/settle")
    async def settle() -> None:
        """Answer when the warehouse has nothing more to do by itself."""
        await warehouse.idle.wait()

    return router


def _known(warehouse: Warehouse, reference: str) -> Json:
    order = warehouse.store.order(reference)
    if order is None:
        raise HTTPException(404, "no order has this reference")
    return order
