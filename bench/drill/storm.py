"""Faults at the simulated platforms, in waves; a wave is one kind of trouble that hits every third call or so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.drill.plan import Plan
    from bench.stage import Scene

WAVE_S = 5.0
OFTEN, SOMETIMES = 0.35, 0.2


def _fault(kind: str, probability: float = OFTEN, seconds: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "probability": probability, "seconds": seconds, **more}


WAVES: dict[str, list[dict[str, Any]]] = {
    "calls are throttled": [_fault("throttle")],
    "answers are lost after the work was done": [_fault("commit_then_drop")],
    "webhooks are lost": [_fault("webhook_lost", 0.5)],
    "requests arrive twice": [_fault("answer_twice")],
    "servers fail": [_fault("server_error")],
    "webhooks come twice, late and out of order": [
        _fault("webhook_duplicated"), _fault("webhook_late", seconds=3.0), _fault("webhook_reordered", seconds=2.0),
    ],
    "stale objects are shown": [_fault("stale_object", SOMETIMES)],
    "a token has expired": [_fault("token_expired", 1.0, platform="shipbob", at_most=3)],
    "answers are slow": [_fault("delay", 0.5, seconds=1.5)],
    "everything at once": [
        _fault("throttle", SOMETIMES, 0.5), _fault("commit_then_drop", SOMETIMES), _fault("webhook_lost", SOMETIMES),
        _fault("answer_twice", SOMETIMES), _fault("delay", SOMETIMES, 0.5), _fault("webhook_duplicated", SOMETIMES),
    ],
}  # fmt: skip


class Storm:
    """`injected` counts the faults that really struck, by the simulators' own word."""

    def __init__(self, here: Scene, plan: Plan, say: Callable[[str], None]) -> None:
        self.injected = 0
        self._here = here
        self._dice = plan.dice("storm")
        self._say = say

    async def blow(self) -> None:
        """Until canceled: every wave comes once, in the seed's order, then all of them again."""
        while True:
            for name in self._dice.sample(sorted(WAVES), len(WAVES)):
                await self._count()
                plan = {"seed": self._dice.randrange(1_000_000), "faults": WAVES[name]}
                (await self._here.sandbox.post("/control/faults", json=plan)).raise_for_status()
                self._say(f"storm: {name}")
                await asyncio.sleep(WAVE_S)

    async def end(self) -> None:
        """From now on the platforms behave."""
        await self._count()
        (await self._here.sandbox.delete("/control/faults")).raise_for_status()

    async def _count(self) -> None:
        answer = await self._here.sandbox.get("/control/faults")
        self.injected += sum(answer.json()["injected"].values())
