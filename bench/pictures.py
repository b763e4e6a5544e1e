"""`make screenshots`: pictures of the console with the demo's data, for docs/console.md."""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
from typing import TYPE_CHECKING

from PIL import Image
from playwright.async_api import async_playwright

from bench import demo_launch
from bench.demo import PATIENCE_S, bring_back, is_in, morning
from bench.stage import PROJECT, Scene, scene, until
from console.navigation import PLACES
from runtime.apart import apart
from runtime.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page, ViewportSize

FOLDER = PROJECT / "docs" / "pictures"
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 780}
COLORS = 96
"""Enough for a page of text, and a quarter of the bytes."""
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


async def take(folder: Path) -> list[Path]:
    """Play the demo's morning, and take a picture of every page of the navigation, of an order, a launch and a product."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("Chromium is not installed (Debian: apt-get install chromium)")
    var = Settings().var / "pictures"
    shutil.rmtree(var, ignore_errors=True)
    async with scene(apart(var), publish=True, console=True) as here, async_playwright() as playwright:
        bodies, _held = await morning(here, print)
        order = f"shopify-us-{bodies['one_parcel']['id']}"
        await until(lambda: is_in(here, order, "fulfilled"), PATIENCE_S, "an order has arrived")
        await bring_back(here, order, print)
        await demo_launch.products(here)
        launch = await demo_launch.staged(here, demo_launch.MUG)
        browser = await playwright.chromium.launch(executable_path=program, args=list(QUIET))
        pages = {place.title.lower().replace(" ", "-"): place.path for place in PLACES}
        pages |= {"order": f"/orders/{order}", "launch": launch, "product": f"/products/{demo_launch.MUG}"}
        token = await _signed_in(here)
        desk, phone = await _page(here, browser, DESK, token), await _page(here, browser, PHONE, token)
        taken = [await _picture(desk, path, folder / f"{name}.png") for name, path in pages.items()]
        taken.append(await _picture(phone, "/", folder / "today-phone.png"))
        await desk.evaluate("tuttiTheme()")
        taken.append(await _picture(desk, "/", folder / "today-dark.png"))
        await browser.close()
    return taken


async def _signed_in(here: Scene) -> str:
    """As the first administrator."""
    ada = {"name": "Ada Lindqvist", "email": "ada@example.com", "role": "admin"}
    user = (await here.api.post("/users", json=ada)).raise_for_status().json()["id"]
    link = (await here.api.post(f"/users/{user}/sign-in-link")).raise_for_status().json()
    begun = (await here.api.post("/sign-in/code", json={"code": link["code"]})).raise_for_status().json()
    return str(begun["token"])


async def _page(here: Scene, browser: Browser, size: ViewportSize, token: str) -> Page:
    address = f"http://127.0.0.1:{here.stack.ports['console']}"
    context = await browser.new_context(base_url=address, viewport=size)
    await context.add_cookies([{"name": "tutti_session", "value": token, "url": address}])
    return await context.new_page()


async def _picture(page: Page, path: str, file: Path) -> Path:
    await page.goto(path)
    await page.wait_for_function("() => !document.querySelector('.loading') && document.querySelector('.content h1')")
    await page.wait_for_load_state("networkidle")
    shot = Image.open(io.BytesIO(await page.screenshot()))
    shot.convert("RGB").quantize(COLORS).save(file, optimize=True)
    return file


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for picture in asyncio.run(take(FOLDER)):
        print(picture.relative_to(PROJECT), f"{picture.stat().st_size // 1024} kB")
