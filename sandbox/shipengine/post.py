"""The simulated carrier's people: they scan, deliver, lose, and every subscriber hears of it."""

import asyncio
import json

from sandbox.shipengine import signing
from sandbox.shipengine.state import CARRIER, Account, Body, Event, now
from sandbox.webhooks import Delivery, Outbox

KEY = "sandbox-key-1"
USUAL: tuple[Event, ...] = ("accept", "transit", "deliver")


class Post:
    """Works on one account; `open_with` drops all work under way."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._timers: set[asyncio.TimerHandle] = set()
        self.account = Account()

    def open_with(self, account: Account) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self.account = account

    def expect(self, label: Body) -> None:
        """A parcel whose journey runs by itself, if the settings say so."""
        seconds = self.account.settings.scan_seconds
        if seconds is not None:
            for number, event in enumerate(USUAL, start=1):
                self._later(seconds * number, label, event)

    def _later(self, seconds: float, label: Body, event: Event) -> None:
        def run() -> None:
            self._timers.discard(timer)
            if not label["voided"]:
                self.scan(label, event)

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)

    def scan(self, label: Body, event: Event) -> None:
        self.account.scan(label, event)
        number = label["tracking_number"]
        query = f"carrier_code={CARRIER}&tracking_number={number}"
        notice = {
            "resource_url": f"https://api.shipengine.com/v1/tracking?{query}",
            "resource_type": "API_TRACK",
            "data": self.account.track(CARRIER, number),
        }
        raw = json.dumps(notice).encode()
        for webhook in self.account.webhooks.values():
            self._outbox.send(Delivery("shipengine", "track", webhook["url"], signing.headers(KEY, raw, now()), raw))
