"""Opening a connection, step by step: each may be repeated, and a report says what is missing and how to mend it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from connectors.contract import CanBeOnboarded, RemoteLocation, SubscribesToWebhooks
from connectors.errors import ConnectorError
from db import connections, flows, locations
from db.order_reading import paused
from domain.base import Frozen
from domain.errors import DomainError
from runtime.opening_stock import Imported, import_stock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy import Connection, Row

    from domain.location import Location
    from runtime.wiring import Hub


class Step(Frozen):
    """One step: done, or what is missing and what to do about it."""

    name: Literal["credentials", "webhooks", "locations", "running"]
    done: bool
    text: str
    missing: tuple[str, ...] = ()
    remedy: str = ""


class Report(Frozen):
    """Where a connection stands on its way to being on."""

    connection_id: str
    mode: connections.Mode
    starts_at: datetime | None
    steps: tuple[Step, ...]

    @property
    def is_ready(self) -> bool:
        return all(step.done for step in self.steps)


class Place(Frozen):
    """A place as the platform names it: what it is mapped to (empty: left out on purpose), and our guess if not yet."""

    external_id: str
    name: str
    country: str = ""
    postal_code: str = ""
    location_id: str | None = None
    suggestion: str | None = None


class Onboarding:
    """The steps of one hub's connections."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def report(self, connection_id: str) -> Report:
        """Look at everything now, at the platform too."""
        row = await self._row(connection_id)
        connector = await self._hub.connector(connection_id)
        steps = [await self._credentials(connector)]
        if steps[0].done:
            steps += [await self._webhooks(connector, row), await self._locations(connection_id)]
        steps.append(await self._running(row))
        return Report(connection_id=row.id, mode=row.mode, starts_at=row.starts_at, steps=tuple(steps))

    async def subscribe(self, connection_id: str, hub_url: str) -> tuple[str, ...]:
        """Have webhooks sent to this hub, whose public address is `hub_url`; returns the topics."""
        connector = await self._hub.connector(connection_id)
        if not isinstance(connector, SubscribesToWebhooks):
            return ()
        address = f"{hub_url.rstrip('/')}/webhooks/{connection_id}"
        topics = await connector.subscribe(address)
        await self._set(connection_id, webhook_address=address)
        return topics

    async def places(self, connection_id: str) -> tuple[Place, ...]:
        """Every place that the platform knows."""
        connector = await self._hub.connector(connection_id)
        remote = await connector.locations() if isinstance(connector, CanBeOnboarded) else ()

        def work(tx: Connection) -> tuple[Place, ...]:
            known, ours = locations.mappings(tx, connection_id), locations.every(tx)
            return tuple(_place(place, known.get(place.external_id), ours) for place in remote)

        return await self._hub.database.read(work)

    async def map_places(self, connection_id: str, chosen: Mapping[str, str]) -> None:
        """Say which location each place is; an empty location leaves the place out."""
        names = {place.external_id: place.name for place in await self.places(connection_id)}

        def work(tx: Connection) -> None:
            for external_id, location_id in chosen.items():
                name = names.get(external_id, "")
                locations.put_mapping(tx, connection_id, external_id, location_id, name=name)

        await self._hub.database.write(work)

    async def map_tenders(self, connection_id: str, tenders: Mapping[str, str]) -> None:
        """What the platform's means of payment are called here."""
        await self._set(connection_id, tenders=dict(tenders))

    async def import_stock(self, connection_id: str, *, make_items: bool = False) -> tuple[Imported, ...]:
        """Take the platform's numbers over as opening stock, where it is the one who ships."""
        connector = await self._hub.connector(connection_id)
        if not isinstance(connector, CanBeOnboarded):
            return ()
        return await import_stock(self._hub.database, connection_id, await connector.opening_stock(), make_items)

    async def go(self, connection_id: str, mode: connections.Mode, starts_at: datetime | None = None) -> None:
        """Change the mode. Shadow comes before on, and on needs every step done; orders before the start are left alone."""
        row = await self._row(connection_id)
        if mode == "on":
            if row.mode == "onboarding":
                raise DomainError("shadow_first", f"{connection_id} has not run in shadow; start it there and compare")
            await self._must_be_ready(connection_id)
        start = starts_at or row.starts_at or datetime.now(UTC)

        def work(tx: Connection) -> None:
            now = datetime.now(UTC)
            connections.change(tx, connection_id, mode=mode, starts_at=start)
            flows.mode_changed(tx, connection_id, now)
            if mode == "on":
                connections.let_go(tx, connection_id, now)

        await self._hub.database.write(work)

    async def _must_be_ready(self, connection_id: str) -> None:
        report = await self.report(connection_id)
        if not report.is_ready:
            owed = "; ".join(f"{step.name}: {step.text} ({step.remedy})" for step in report.steps if not step.done)
            raise DomainError("not_ready", f"{connection_id} cannot be switched on yet: {owed}")

    async def _credentials(self, connector: object) -> Step:
        if not isinstance(connector, CanBeOnboarded):
            return Step(name="credentials", done=True, text="needs none")
        try:
            access = await connector.check()
        except ConnectorError as error:
            return Step(
                name="credentials", done=False, text=error.merchant, remedy="correct them with `connections set`"
            )
        return Step(
            name="credentials",
            done=not access.missing,
            text=f"account {access.account}" if access.account else "they open no account",
            missing=access.missing,
            remedy="grant the missing scopes at the platform" if access.missing else "",
        )

    async def _webhooks(self, connector: object, row: Row[Any]) -> Step:
        if not isinstance(connector, SubscribesToWebhooks):
            return Step(name="webhooks", done=True, text="needs none")
        address = row.settings.get("webhook_address")
        remedy = f"tutti connections onboard {row.id} --hub-url https://…"
        if not address:
            return Step(name="webhooks", done=False, text="not registered", remedy=remedy)
        missing = await connector.missing_subscriptions(address)
        text = f"sent to {address}"
        return Step(name="webhooks", done=not missing, text=text, missing=missing, remedy=remedy if missing else "")

    async def _locations(self, connection_id: str) -> Step:
        places = await self.places(connection_id)
        missing = tuple(f"{place.external_id} ({place.name})" for place in places if place.location_id is None)
        remedy = f"tutti connections map {connection_id} EXTERNAL_ID=LOCATION (or EXTERNAL_ID= to leave it out)"
        text = f"{len(places) - len(missing)} of {len(places)} places mapped"
        return Step(name="locations", done=not missing, text=text, missing=missing, remedy=remedy if missing else "")

    async def _running(self, row: Row[Any]) -> Step:
        is_paused = bool(await self._hub.database.read(lambda tx: paused(tx, {row.id})))
        reason = f"writes are paused: {row.pause_reason or 'all writes are stopped'}"
        remedy = f"tutti connections resume {row.id}"
        return Step(
            name="running",
            done=not is_paused,
            text=reason if is_paused else "not paused",
            remedy=remedy if is_paused else "",
        )

    async def _row(self, connection_id: str) -> Row[Any]:
        return await self._hub.database.read(lambda tx: connections.load(tx, connection_id))

    async def _set(self, connection_id: str, **settings: object) -> None:
        def work(tx: Connection) -> None:
            row = connections.load(tx, connection_id)
            connections.change(tx, connection_id, settings=row.settings | settings)

        await self._hub.database.write(work)


def _place(remote: RemoteLocation, location_id: str | None, ours: list[Location]) -> Place:
    suggestion = _suggestion(remote, ours) if location_id is None else None
    return Place(**remote.model_dump(), location_id=location_id, suggestion=suggestion)


def _suggestion(remote: RemoteLocation, ours: list[Location]) -> str | None:
    """The only location of that name, else the only one with that postal code; two would be a guess."""
    name, postal = remote.name.casefold(), remote.postal_code.replace(" ", "")
    named = [location.id for location in ours if name in {location.name.casefold(), location.id.casefold()}]
    near = [
        location.id
        for location in ours
        if postal
        and location.profile.country == remote.country
        and location.profile.postal_code.replace(" ", "") == postal
    ]
    return next((found[0] for found in (named, near) if len(found) == 1), None)
