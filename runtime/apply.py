"""`tutti.yaml` into the database: shows what differs, changes only that, and tells the outcome of every entry."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from db import (
    alert_rules,
    allocation_rules,
    audit,
    channel_forms,
    connections,
    flows,
    items,
    locations,
    safety_stock,
    sourcing_rules,
    words,
)
from db.inventory_queries import is_booked
from db.restock import receive
from db.returns import policies as return_policies
from db.sku_mapping import map_sku
from domain.availability.rules import NO_RULES
from domain.base import Frozen
from domain.catalog.dictionary import Attribute, Category
from domain.changes import Change, changes
from domain.errors import DomainError
from domain.item import Alias
from domain.returns.policy import BUILT_IN
from domain.sourcing.plain import PLAIN
from runtime.connection_config import checked, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from db.actors import Actor
    from db.vault import Cipher
    from domain.alerts import AlertRules
    from domain.availability.rules import AllocationRules
    from domain.availability.safety import Safety
    from domain.catalog.form import ChannelForm
    from domain.returns.policy import ReturnPolicy
    from domain.sourcing.rules import SourcingRules
    from runtime.installation import ConnectionEntry, FlowEntry, Installation, ItemEntry, LocationEntry, ProfileTime

Outcome = Literal["created", "changed", "same", "refused"]


class Entry(Frozen):
    """One entry of the file; `text` says why it was refused."""

    kind: str
    id: str
    outcome: Outcome
    changes: tuple[Change, ...] = ()
    text: str = ""


class Preview(Exception):  # noqa: N818 - not an error: it undoes the transaction and carries what it would have done
    """What applying would do."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        super().__init__("nothing was changed")
        self.entries = entries


class Apply:
    """One run, within the caller's transaction; an entry that is refused leaves the others alone."""

    def __init__(self, tx: Connection, cipher: Cipher, *, by: Actor, now: datetime) -> None:
        self._tx = tx
        self._cipher = cipher
        self._by = by
        self._now = now

    def run(self, file: Installation) -> tuple[Entry, ...]:
        """Every entry in an order in which each finds what it refers to."""
        return tuple(self._try(*step) for step in self._steps(file))

    def _steps(self, file: Installation) -> Iterator[tuple[str, str, Callable[[], Entry]]]:
        for name, connection in file.connections.items():
            yield "connection", name, partial(self._connection, name, connection)
        for name, location in file.locations.items():
            yield "location", name, partial(self._location, name, location)
        for name, connection in file.connections.items():
            for place, location_id in connection.locations.items():
                yield "place", f"{name} {place}", partial(self._place, name, place, location_id)
        for name, item in sorted(file.items.items(), key=lambda entry: bool(entry[1].components)):
            yield "item", name, partial(self._item, name, item)
        for place, units in file.stock.items():
            for item_id, quantity in units.items():
                yield "stock", f"{place} {item_id}", partial(self._stock, place, item_id, quantity)
        yield from self._versions(file)
        yield from self._availability_steps(file)
        yield from self._catalog_steps(file)

    def _versions(self, file: Installation) -> Iterator[tuple[str, str, Callable[[], Entry]]]:
        """Rules that exist by version, one of each in force."""
        if (rules := file.sourcing_rules or self._missing_rules()) is not None:
            yield "sourcing_rules", rules.version, partial(self._rules, rules)
        if (alerts := file.alert_rules) is not None:
            yield "alert_rules", alerts.version, partial(self._alert_rules, alerts)
        if (policy := file.return_policy) is not None:
            yield "return_policy", policy.version, partial(self._return_policy, policy)

    def _return_policy(self, policy: ReturnPolicy) -> Entry:
        before = return_policies.active(self._tx)
        return_policies.add(self._tx, policy, by=self._by.name, now=self._now)
        return_policies.activate(self._tx, policy.version)
        known = before.model_dump(mode="json") if before.version != BUILT_IN.version else None
        return self._said("return_policy", policy.version, known, policy.model_dump(mode="json"))

    def _availability_steps(self, file: Installation) -> Iterator[tuple[str, str, Callable[[], Entry]]]:
        for name, times in file.calendar_profiles.items():
            for time in times:
                yield "calendar_profile", f"{name} {time.starts_at:%Y-%m-%d}", partial(self._profile, name, time)
        for entry in file.safety_stock:
            yield "safety_stock", str(entry.safety()), partial(self._safety, entry.safety())
        if (rules := file.allocation_rules) is not None:
            yield "allocation_rules", rules.version, partial(self._allocation, rules)
        for name, connection in file.connections.items():
            for flow, wanted in connection.flows.items():
                yield "flow", f"{name} {flow}", partial(self._flow, name, flow, wanted)

    def _missing_rules(self) -> SourcingRules | None:
        """An order must find its way before anybody has written a rule."""
        return None if sourcing_rules.active_version(self._tx) else PLAIN

    def _catalog_steps(self, file: Installation) -> Iterator[tuple[str, str, Callable[[], Entry]]]:
        for name, attribute in file.attributes.items():
            yield "attribute", name, partial(self._attribute, Attribute(code=name, **attribute.model_dump()))
        for name, category in file.categories.items():
            yield "category", name, partial(self._category, Category(id=name, **category.model_dump()))
        for name, form in file.forms.items():
            yield "form", f"{name} {form.version}", partial(self._form, name, form)

    def _try(self, kind: str, name: str, step: Callable[[], Entry]) -> Entry:
        try:
            with self._tx.begin_nested():
                return step()
        except DomainError as refusal:
            return Entry(kind=kind, id=name, outcome="refused", text=str(refusal))

    def _said(self, kind: str, name: str, before: Any, after: Any) -> Entry:
        """The entry, audited if anything is different."""
        if before == after:
            return Entry(kind=kind, id=name, outcome="same")
        audit.record(self._tx, self._by, f"apply.{kind}", name, now=self._now, before=before, after=after)
        if before is None:
            return Entry(kind=kind, id=name, outcome="created")
        return Entry(kind=kind, id=name, outcome="changed", changes=changes(before, after))

    def _connection(self, name: str, entry: ConnectionEntry) -> Entry:
        config = checked(entry.platform, resolved(entry.config))
        plain = entry.model_dump(include={"name", "market", "captures"}) | {"name": entry.name or name}
        row = connections.find(self._tx, name)
        if row is None:
            settings = _settings(entry)
            connections.create(
                self._tx, self._cipher, name, platform=entry.platform, config=config, settings=settings, now=self._now, **plain
            )  # fmt: skip
            return self._said("connection", name, None, plain | {"platform": entry.platform})
        if row.platform != entry.platform:
            raise DomainError("platform_fixed", f"platform: {name} is {row.platform}; give a new connection a new id")
        known = connections.config_of(self._cipher, row, self._now)
        if known != config:
            connections.put_config(self._tx, self._cipher, name, config)
        said = _settings(entry)
        connections.change(self._tx, name, settings=row.settings | said, **plain)
        before = {field: getattr(row, field) for field in plain}
        before |= {key: row.settings.get(key, type(value)()) for key, value in said.items()}
        if before["pools"] != said["pools"]:
            flows.places_changed(self._tx, name, self._now)
        after = plain | said
        for field in sorted(known.keys() | config.keys()):
            if known.get(field) != config.get(field):
                # which field, never its value: it may be a secret
                before[f"config.{field}"], after[f"config.{field}"] = "as before", "new"
        return self._said("connection", name, before, after)

    def _location(self, name: str, entry: LocationEntry) -> Entry:
        location = entry.location(name)
        known = locations.find(self._tx, name)
        if known and not location.external_id:
            location = location.model_copy(update={"external_id": known.external_id})
        before = locations.put(self._tx, location)
        return self._said("location", name, before and before.model_dump(mode="json"), location.model_dump(mode="json"))

    def _place(self, name: str, place: str, location_id: str) -> Entry:
        before = locations.mappings(self._tx, name).get(place)
        if before != location_id:
            locations.put_mapping(self._tx, name, place, location_id)
        known = None if before is None else {"location": before}
        return self._said("place", f"{name} {place}", known, {"location": location_id})

    def _item(self, name: str, entry: ItemEntry) -> Entry:
        wanted = (Alias(sku=name), *entry.aliases)
        known = items.aliases(self._tx, [name])[name]
        before = items.put(self._tx, entry.item(name))
        for alias in wanted:
            if alias not in known:
                map_sku(self._tx, name, alias, by=self._by.name, now=self._now)
        after = entry.item(name).model_dump(mode="json")
        skus = {"skus": [_shown(alias) for alias in known]}
        merged = {"skus": skus["skus"] + [_shown(alias) for alias in wanted if alias not in known]}
        return self._said("item", name, before and before.model_dump(mode="json") | skus, after | merged)

    def _stock(self, location_id: str, item_id: str, quantity: int) -> Entry:
        name, key = f"{location_id} {item_id}", f"opening:tutti.yaml:{item_id}:{location_id}"
        locations.load(self._tx, location_id)
        if items.load(self._tx, item_id).components:
            raise DomainError("bundle_with_stock", f"{item_id} is a bundle; give its components stock instead")
        if is_booked(self._tx, key):
            return Entry(kind="stock", id=name, outcome="same")
        receive(self._tx, key, item_id, location_id, quantity, at=self._now)
        return self._said("stock", name, None, {"units": quantity})

    def _rules(self, rules: SourcingRules) -> Entry:
        active = sourcing_rules.active_version(self._tx)
        before = sourcing_rules.load(self._tx, active).model_dump(mode="json") if active else None
        sourcing_rules.add(self._tx, rules, by=self._by.name, now=self._now)
        sourcing_rules.activate(self._tx, rules.version)
        return self._said("sourcing_rules", rules.version, before, rules.model_dump(mode="json"))

    def _alert_rules(self, rules: AlertRules) -> Entry:
        before = alert_rules.put(self._tx, rules, by=self._by.name, now=self._now)
        return self._said("alert_rules", rules.version, before and before.model_dump(), rules.model_dump())

    def _profile(self, name: str, time: ProfileTime) -> Entry:
        known = {(row.name, row.starts_at): row.ends_at for row in safety_stock.profiles(self._tx)}
        before = known.get((name, time.starts_at))
        if before != time.ends_at:
            safety_stock.put_profile(self._tx, name, time.starts_at, time.ends_at, self._now)
        entry = f"{name} {time.starts_at:%Y-%m-%d}"
        return self._said("calendar_profile", entry, before and {"ends_at": before}, {"ends_at": time.ends_at})

    def _safety(self, entry: Safety) -> Entry:
        before = safety_stock.units_of(self._tx, entry)
        if before != entry.units:
            safety_stock.put(self._tx, entry, self._now)
        known = None if before is None else {"units": before}
        return self._said("safety_stock", str(entry), known, {"units": entry.units})

    def _allocation(self, rules: AllocationRules) -> Entry:
        """What a person would do in three steps: who applies a file has read it."""
        before = allocation_rules.active_version(self._tx)
        allocation_rules.propose(self._tx, rules, by=self._by.name, now=self._now)
        if before != rules.version:
            shown = allocation_rules.preview(self._tx, rules.version, self._now)
            allocation_rules.keep_preview(self._tx, shown)
            allocation_rules.approve(self._tx, rules.version, by=self._by.name, now=self._now)
        known = None if before == NO_RULES.version else {"version": before}
        return self._said("allocation_rules", rules.version, known, {"version": rules.version})

    def _flow(self, connection_id: str, flow: str, wanted: FlowEntry) -> Entry:
        """On a connection that is on already, shadow comes first, and the next `apply` goes on from there."""
        name, row = f"{connection_id} {flow}", flows.find(self._tx, connection_id, flow)
        before = row and {"mode": row.mode, "canary_percent": row.canary_percent}
        if before == wanted.model_dump():
            return Entry(kind="flow", id=name, outcome="same")
        put = partial(flows.put, self._tx, connection_id, flow, by=self._by.name, now=self._now)
        is_new = wanted.mode == "on" and (row is None or row.mode == "off")
        if is_new:
            put(mode="shadow", canary_percent=wanted.canary_percent)
        if is_new and connections.load(self._tx, connection_id).mode == "on":
            said = self._said("flow", name, before, {"mode": "shadow", "canary_percent": wanted.canary_percent})
            return said.model_copy(update={"text": "in shadow first; compare (tutti stock accuracy), then apply again"})
        put(mode=wanted.mode, canary_percent=wanted.canary_percent)
        return self._said("flow", name, before, wanted.model_dump())

    def _attribute(self, attribute: Attribute) -> Entry:
        before = words.put_attribute(self._tx, attribute, now=self._now)
        return self._said("attribute", attribute.code, before and before.model_dump(), attribute.model_dump())

    def _category(self, category: Category) -> Entry:
        before = words.put_category(self._tx, category, now=self._now)
        return self._said("category", category.id, before and before.model_dump(), category.model_dump())

    def _form(self, connection_id: str, form: ChannelForm) -> Entry:
        channel_forms.add(self._tx, connection_id, form, by=self._by.name, now=self._now)
        before = channel_forms.activate(self._tx, connection_id, form.version, now=self._now)
        known = {"version": before} if before else None
        return self._said("form", f"{connection_id} {form.version}", known, {"version": form.version})


def preview(tx: Connection, cipher: Cipher, file: Installation, *, by: Actor, now: datetime) -> None:
    """Always raises Preview, so that the transaction is undone."""
    raise Preview(Apply(tx, cipher, by=by, now=now).run(file))


def _settings(entry: ConnectionEntry) -> dict[str, Any]:
    pools = {place: list(pool) for place, pool in entry.pools.items()}
    return {"tenders": entry.tenders, "payments": entry.payments, "rehearses_as": entry.rehearses_as, "pools": pools}


def _shown(alias: Alias) -> str:
    return f"{alias.sku} on {alias.connection_id}" if alias.connection_id else alias.sku
