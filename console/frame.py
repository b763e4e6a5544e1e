"""The frame of every page: navigation, search, who is signed in, theme, what is wrong with the hub, and the content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import context, ui

from console.cookie import put_into_cookie
from console.keys import keys_dialog
from console.leave import sign_out
from console.may import may
from console.navigation import PLACES
from console.parts.text import Text, text
from console.renew import ask_to_sign_in

if TYPE_CHECKING:
    from fastapi import Request
    from nicegui.element import Element

    from console.api import Api
    from console.session import Person

REACH_WORDS = {
    "down": ("notice-bad", "o_cloud_off", "The hub does not answer. This page stays, and goes on by itself."),
    "slow": ("notice-warn", "o_hourglass_top", "The hub is slow to answer. What is shown may be some seconds old."),
}


class Frame:
    """Drawn before anything is known of the person; `welcome` adds what depends on them."""

    content: Element

    def __init__(self, api: Api, title: str, request: Request) -> None:
        self._api = api
        self._client = context.client
        self._path = request.url.path
        self._welcomed = False
        ui.dark_mode({"dark": True, "light": False}.get(request.cookies.get("tutti_theme", "")))
        self._drawer = ui.left_drawer(value=False, fixed=True)
        self._top(request.query_params.get("q", ""))
        with self._drawer.props('show-if-above width=216 :breakpoint="900" aria-label="Navigation"').classes("side"):
            self._nav = ui.element("nav").props('aria-label="Pages"')
        with ui.element("div").classes("page"):
            self._banner = ui.element("div").props('aria-live="polite"').classes("banner")
            self.content = ui.element("div").classes("content")
            with self.content:
                Text("h1", title)
                with ui.element("div").classes("loading").props('role="status"'):
                    ui.spinner(size="1.5em")
                    text("Loading …", "muted")
        ui.skip_link("Skip to the content", target=self.content)
        self.show_reach(api.reach.state)

    def welcome(self, person: Person) -> None:
        """Who is signed in, and the pages that they may open."""
        if self._welcomed:
            return
        self._welcomed = True
        with self._nav:
            for place in PLACES:
                if may(person, place.role):
                    self._link(place.path, place.title, place.icon, place.key)
        keys_dialog([place for place in PLACES if may(person, place.role)])
        with self._who:
            self._menu(person)

    def show_reach(self, state: str) -> None:
        """Whether the hub answers."""
        self._banner.clear()
        if state not in REACH_WORDS:
            return
        tone, icon, words = REACH_WORDS[state]
        with self._banner, ui.element("div").classes(f"notice {tone}"):
            ui.icon(icon).props('aria-hidden="true"')
            text(words)

    async def ask(self) -> str | None:
        """Ask for the password over the open page; the new token is in the cookie when this returns it."""
        with self._client:
            token = await ask_to_sign_in(self._api)
            if token:
                await put_into_cookie(self._client, token)
        return token

    def _top(self, looked_for: str) -> None:
        with ui.header(fixed=True, wrap=False).classes("top"):
            menu = ui.button(icon="menu").props('flat round dense aria-label="Open or close the navigation"')
            menu.classes("menu-button").on("click", self._drawer.toggle)
            with ui.link(target="/").classes("brand").props('aria-label="Tutti, to the page Today"'):
                Text("span", "Tutti")
            with ui.element("form").classes("search").props('role="search" action="/search" method="get"'):
                ui.icon("search").props('aria-hidden="true"')
                box = ui.element("input").props('type="search" name="q" id="search" autocomplete="off"')
                box.props(
                    'placeholder="Order, e-mail, SKU or tracking" aria-label="Search orders" aria-keyshortcuts="/"'
                )
                box.props["^value"] = looked_for  # an attribute: Vue would set a property again and again
                Text("span", "/", "key").props('aria-hidden="true"')
            theme = ui.button(icon="contrast").props('flat round dense aria-label="Light or dark"')
            theme.on("click", js_handler="() => tuttiTheme()")
            self._who = ui.element("div").classes("who")

    def _link(self, path: str, title: str, icon: str, key: str) -> None:
        here = path == self._path or (path != "/" and self._path.startswith(f"{path}/"))
        with ui.link(target=path).classes("place") as link:
            ui.icon(icon).props('aria-hidden="true"')
            Text("span", title)
            Text("span", key, "key").props('aria-hidden="true"')
        link.props["data-key"] = key
        link.props["aria-keyshortcuts"] = f"g {key}"
        if here:
            link.props["aria-current"] = "page"

    def _menu(self, person: Person) -> None:
        with ui.button().props('flat no-caps dense aria-haspopup="menu"').classes("who-button") as button:
            ui.icon("o_account_circle").props('aria-hidden="true"')
            Text("span", person.name, "who-name")
            with ui.menu().props('anchor="bottom right" self="top right"'):
                with ui.element("div").classes("who-card"):
                    Text("strong", person.name)
                    Text("span", person.email or person.kind, "muted small")
                    Text("span", f"Role: {person.role}", "muted small")
                ui.menu_item("Sign out", on_click=lambda: sign_out(self._api))
        button.props["aria-label"] = f"Signed in as {person.name}, {person.role}"
