"""Plays the staff of the merchant's own shops: works off the task lists over the API, as people would."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

SHOPS = ("store-berlin", "store-ny")


class Staff:
    """Takes the next allowed step of every task; rejects those order numbers that it was told to reject."""

    def __init__(self, api: httpx.AsyncClient, *, rejects: frozenset[str] = frozenset()) -> None:
        self._api = api
        self._rejects = rejects
        self._parcels = 0

    async def work(self) -> None:
        """Until canceled."""
        while True:
            for shop in SHOPS:
                answer = await self._api.get(f"/store/{shop}/tasks")
                for task in answer.json() if answer.is_success else []:
                    await self._step(task)
            await asyncio.sleep(0.2)

    async def _step(self, task: dict[str, Any]) -> None:
        allowed = task["allowed"]
        if task["order_number"] in self._rejects and "reject" in allowed:
            await self._do(task, "reject", {"reason": "damaged"})
        elif "cancel-answer" in allowed:
            await self._do(task, "cancel-answer", {"answer": "confirm"})
        else:
            for step in ("collect", "ready", "ship", "pick", "accept"):
                if step in allowed and (step != "ready" or task["is_pickup"]):
                    await self._do(task, step, self._parcel() if step == "ship" else None)
                    return

    def _parcel(self) -> dict[str, str]:
        self._parcels += 1
        return {"carrier": "DHL", "tracking_number": f"STORE{self._parcels:06}"}

    async def _do(self, task: dict[str, Any], step: str, body: dict[str, Any] | None) -> None:
        await self._api.post(f"/store/tasks/{task['fulfillment_order_id']}/{step}", json=body)
