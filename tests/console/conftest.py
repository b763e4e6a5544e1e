"""One stack with its console and one Chromium for all tests of the console; a page as a person of any role sees it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from bench.stage import Scene, scene
from runtime.settings import Settings
from tests.api.openid_provider import CLIENT, SECRET, OpenIdProvider, running
from tests.console.browser import CHROMIUM, QUIET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the stage starts servers; without a browser it is skipped, and says so."""
    for item in items:
        if "stage" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)
            item.add_marker(pytest.mark.timeout(300))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed (Debian: apt-get install chromium)"))


@dataclass
class Desk:
    """Where people work: `await desk.open("/orders", role="support")` is a loaded page of the console."""

    stage: Scene
    address: str
    _browser: Browser
    _keys: dict[str, str]
    attempt: int = 1
    _contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def named(self, name: str) -> str:
        """A name for something that this attempt alone makes: a test that is tried again finds no remains under it."""
        return name if self.attempt == 1 else f"{name}-{self.attempt}"

    async def open(self, path: str, *, role: str = "admin", phone: bool = False) -> Page:
        """In a browser of its own, signed in by a key of that role; it waits for the content."""
        page = await self.browser(token=await self.key(role), phone=phone)
        await self.go(page, path)
        return page

    async def browser(self, *, token: str = "", phone: bool = False) -> Page:
        """An empty tab of a browser that knows at most this session."""
        size: ViewportSize = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
        context = await self._browser.new_context(viewport=size)
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        if token:
            await context.add_cookies([{"name": "tutti_session", "value": token, "url": self.address}])
        page = await context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        return page

    async def go(self, page: Page, path: str) -> None:
        """To another address of the console."""
        await page.goto(self.address + path)
        await expect(page.locator(".loading")).to_have_count(0)
        await page.wait_for_function("window.did_handshake === true", polling=50)  # from now on it is not loaded anew

    async def user(self, name: str, role: str, password: str = "correct horse battery staple") -> tuple[str, str]:
        """A user who can sign in: e-mail address and password."""
        email = f"{self.named(name.lower())}@example.com"
        made = await self.stage.api.post("/users", json={"name": name, "email": email, "role": role})
        made.raise_for_status()
        link = await self.stage.api.post(f"/users/{made.json()['id']}/sign-in-link")
        begun = await self.stage.api.post("/sign-in/code", json={"code": link.json()["code"]})
        bearer = {"Authorization": f"Bearer {begun.json()['token']}"}
        done = await self.stage.api.post("/me/password", json={"current": None, "new": password}, headers=bearer)
        done.raise_for_status()
        return email, password

    async def sign_in(self, email: str, password: str) -> Page:
        """A browser in which this user has signed in."""
        page = await self.browser()
        await page.goto(self.address + "/sign-in")
        await page.get_by_label("E-mail").fill(email)
        await page.get_by_label("Password").fill(password)
        await page.keyboard.press("Enter")
        await expect(page.locator(".who-button")).to_be_visible()
        return page

    async def end_session(self, page: Page) -> None:
        """The hub ends it; the open page does not know yet."""
        token = await self.token(page)
        ended = await self.stage.api.post("/me/sign-out", headers={"Authorization": f"Bearer {token}"})
        ended.raise_for_status()

    async def token(self, page: Page) -> str:
        """What the browser's cookie holds."""
        return next(each["value"] for each in await page.context.cookies() if each["name"] == "tutti_session")

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()

    async def key(self, role: str) -> str:
        """An API key of that role, which is a session too."""
        if role not in self._keys:
            made = await self.stage.api.post("/keys", json={"name": f"browser {role}", "role": role})
            made.raise_for_status()
            self._keys[role] = made.json()["token"]
        return self._keys[role]


@pytest.fixture(scope="session")
def provider() -> Iterator[OpenIdProvider]:
    """The company's accounts, at a real OpenID provider on this machine."""
    with running() as provider:
        yield provider


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory, provider: OpenIdProvider) -> AsyncIterator[Scene]:
    """The example merchant on a real stack, with simulated platforms and the console."""
    settings = Settings(
        var=tmp_path_factory.mktemp("console") / "var", api_port=0, temporal_port=0, temporal_ui_port=0, sandbox_port=0,
        console_port=0, oidc_issuer=provider.address, oidc_client_id=CLIENT, oidc_client_secret="env:CONSOLE_TEST_OIDC",
        oidc_roles=("ops=operations",),
    )  # fmt: skip
    os.environ["CONSOLE_TEST_OIDC"] = SECRET
    async with scene(settings, console=True, publish=True) as here:
        yield here


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(stage: Scene) -> AsyncIterator[tuple[Browser, dict[str, str]]]:
    """The browser, and the keys made so far by role."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser, {}
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(
    stage: Scene, chromium: tuple[Browser, dict[str, str]], request: pytest.FixtureRequest
) -> AsyncIterator[Desk]:
    """A test's own browsers; a script that fails on any page fails the test."""
    browser, keys = chromium
    attempt = getattr(request.node, "execution_count", 1)
    opened = Desk(stage, f"http://127.0.0.1:{stage.stack.ports['console']}", browser, keys, attempt)
    yield opened
    await opened.close()
    assert opened.faults == []
