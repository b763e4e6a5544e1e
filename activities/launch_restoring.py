"""Taking the listings of a launch back on one channel: by three-way merge, so that what others changed meanwhile stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from temporalio import activity

from activities.effects import Effects, HeldBackError
from activities.listing_looks import NO_WAIT, effect, shown_of
from activities.mapped import mapped
from connectors.contract import ListingForm, ListingRef, ShownListing, TakesListings
from connectors.contract.listing_fields import flat, formed
from connectors.errors import RejectedError, TryAgainError
from domain.launch.merge import foreign, restoration
from domain.launch.sameness import proves
from domain.launch.standing import Batch, LaunchStanding

if TYPE_CHECKING:
    from activities.ports import Connections
    from db.desks.launch_restoring import LaunchRestoringDesk, Touched


@dataclass(frozen=True)
class Way:
    """How one listing goes back: hide it, remove it, write fields; `kept` are those that are not ours any more."""

    hide: bool = False
    remove: bool = False
    write: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)


class LaunchRestoringActivities:
    """The undo of staging and publishing, and the way forward when a launch cannot stand."""

    def __init__(self, desk: "LaunchRestoringDesk", effects: Effects, connections: "Connections") -> None:
        self._desk = desk
        self._effects = effects
        self._connections = connections

    @activity.defn
    @mapped
    async def restore_listings(self, batch: Batch) -> LaunchStanding:
        """Hide first, then write back; done when the channel shows it and no earlier call can still arrive."""
        touched = {one.product_id: one for one in await self._desk.to_restore(batch)}
        if not touched:
            return await self._desk.standing_of(batch)
        channel = cast("TakesListings", await self._connections.connector(batch.connection_id))
        refs = [one.ref for one in touched.values()]
        ways: dict[str, Way] = {}
        write = effect("restore", batch, await self._desk.version(batch))

        async def call() -> None:
            shown = await shown_of(channel, refs)
            if any(is_awaited(one, shown.get(name), datetime.now(UTC)) for name, one in touched.items()):
                raise TryAgainError("the platform has accepted a change that it does not show yet", "read_listings")
            ways.update({name: way_back(one, shown.get(name)) for name, one in touched.items()})
            await self._go_back(channel, touched, shown, ways, write.key)

        async def find() -> Mapping[str, Way] | None:
            shown = await shown_of(channel, refs)
            left = {name: way_back(one, shown[name]) if name in shown else Way() for name, one in touched.items()}
            if any(way.hide or way.remove or way.write for way in left.values()) or await self._desk.unsettled(batch):
                return None
            return {name: ways.get(name, left[name]) for name in touched}

        try:
            done = await self._effects.perform(write, call, find, NO_WAIT)
        except HeldBackError:
            return await self._desk.standing_of(batch)
        return await self._desk.restored(
            batch,
            write.key,
            {name: way.kept for name, way in done.items()},
            left=[name for name, one in touched.items() if one.was == "absent" and done[name].kept],
        )

    async def _go_back(
        self,
        channel: TakesListings,
        touched: Mapping[str, "Touched"],
        shown: Mapping[str, ShownListing],
        ways: Mapping[str, Way],
        key: str,
    ) -> None:
        def named(name: str) -> ListingRef:
            return shown[name].form.ref if name in shown else touched[name].ref

        hide = tuple(named(name) for name, way in ways.items() if way.hide)
        remove = tuple(named(name) for name, way in ways.items() if way.remove)
        forms = tuple(_form(shown[name], way.write) for name, way in ways.items() if way.write)
        if hide:
            await channel.unpublish_listings(hide, key)
        if remove:
            await channel.remove_listings(remove, key)
        if forms:
            results = await channel.write_listings(forms, key)
            refused = [result for result in results if result.outcome == "rejected"]
            if refused:
                raise RejectedError("the channel refuses what it showed before", f"{len(refused)} listings")


def is_awaited(one: "Touched", shown: ShownListing | None, now: datetime) -> bool:
    """A change that was accepted and does not show yet cannot be taken back: the platform would see nothing to change."""
    return (
        shown is not None
        and one.was != "absent"
        and one.waits_until is not None
        and now < one.waits_until
        and proves(flat(shown.form), {name: one.before.get(name) for name in one.wanted})
    )


def way_back(one: "Touched", shown: ShownListing | None) -> Way:
    """From what is shown now to what was; pure. A listing that we made and somebody changed stays, hidden."""
    if shown is None:
        return Way(remove=one.was == "absent" and one.waits_until is not None)
    is_seen = shown.state in {"live", "accepted"}
    now = flat(shown.form)
    if one.was == "absent":
        changed = foreign(one.wanted, one.shown, now)
        if not changed:
            return Way(hide=is_seen, remove=True)
        return Way(hide=is_seen, kept={name: now.get(name) for name in changed})
    back = restoration(one.before, one.wanted, one.shown, now)
    return Way(hide=is_seen and one.was == "hidden", write=back.write, kept=back.kept)


def _form(shown: ShownListing, fields: Mapping[str, Any]) -> ListingForm:
    form = formed(shown.form.ref, fields, {one.sku: one.external_id for one in shown.form.variants})
    return form.model_copy(update={"kind": shown.form.kind})
