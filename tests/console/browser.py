"""The browser of the console's tests: where it is, how it is started, what it must not find on a page."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.async_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
GRAVE = {"serious", "critical"}
AT_REST = """document.getAnimations().every(
    each => each.playState !== "running" || each.effect.getTiming().iterations === Infinity)"""
"""Nothing fades in or out: what is half transparent has colors that nobody reads by. A spinner may turn."""


async def assert_accessible(page: Page) -> None:
    """No serious barrier by axe-core's rules of WCAG 2.2 AA."""
    if not await page.evaluate("typeof window.axe === 'object'"):
        await page.evaluate(AXE_SCRIPT)
    await page.wait_for_function(AT_REST)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    grave = [
        f"{each['id']} ({each['impact']}): {each['help']}\n"
        + "\n".join(f"    {node['html'][:200]} {json.dumps(node['any'][:1])[:200]}" for node in each["nodes"][:4])
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]
    assert not grave, f"{page.url}\n" + "\n".join(grave)
