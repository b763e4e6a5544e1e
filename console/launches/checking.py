"""The gates over products that are to be launched, part by part, so that many of them take their time visibly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.launches.findings import draw_findings, stops, with_names
from console.parts.error import show_problem
from console.parts.text import Text
from console.problems import HubError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from console.here import Here

AT_ONCE = 10


class Checking:
    """Drawn where it is made; `run` looks, and `stops` counts what stands against the launch (None: not looked yet)."""

    def __init__(self, here: Here, names: Mapping[str, str]) -> None:
        self.stops: int | None = None
        self._here = here
        self._names = names
        self._asked: tuple[list[str], list[str]] = ([], [])
        self._place = ui.element("div").classes("stack").props('aria-live="polite"')

    async def run(self, products: Sequence[str], channels: Sequence[str]) -> bool:
        """Look at all of them, with pictures that nobody has read yet read first; whether it came to an end."""
        self._asked = (list(products), list(channels))
        self._place.clear()
        with self._place:
            told = Text("p", "", "muted")
            bar = ui.linear_progress(0, show_value=False).props('aria-label="Checked"')
        findings: list[dict[str, Any]] = []
        try:
            for start in range(0, len(products), AT_ONCE):
                told.text = f"Looked at {start} of {len(products)} products on {len(channels)} channels"
                bar.value = start / len(products)
                findings += await self._part(list(products[start : start + AT_ONCE]), list(channels))
        except HubError as problem:
            self._place.clear()
            with self._place:
                show_problem(problem, again=self._again)
            return False
        findings = await with_names(self._here, findings)
        findings.sort(key=lambda each: not stops(each))
        self.stops = sum(map(stops, findings))
        self._place.clear()
        with self._place:
            draw_findings(self._here, findings, self._names, self._again, none="Every gate lets it pass", leaves=False)
        return True

    async def _again(self) -> None:
        await self.run(*self._asked)

    async def _part(self, products: list[str], channels: list[str]) -> list[dict[str, Any]]:
        found = await self._check(products, channels)
        unread = sorted({each["product"] for each in found if each["gate"] == "media_file"})
        if not unread:
            return found
        for product in unread:
            await self._here.api.post(f"/products/{product}/media/read")
        return [each for each in found if each["product"] not in unread] + await self._check(unread, channels)

    async def _check(self, products: list[str], channels: list[str]) -> list[dict[str, Any]]:
        answer = await self._here.api.post("/launches/check", {"products": products, "channels": channels})
        found: list[dict[str, Any]] = answer["findings"]
        return found
