"""Bringing the listings of a launch live on one channel: look, stage, publish, see. A batch at a time, a result per listing."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from temporalio import activity

from activities.effects import Effects, HeldBackError
from activities.listing_looks import (
    APPEARS_AFTER,
    NO_WAIT,
    SEEN_AFTER,
    Shown,
    by_product,
    digest,
    effect,
    is_as_meant,
    live,
    refusals,
    shown_of,
    staged,
)
from activities.mapped import mapped
from connectors.contract import ListingForm, ListingResult, PublicListing, StagesListings, TakesListings
from connectors.contract.listing_fields import flat
from connectors.errors import NotAuthorizedError, RejectedError, TryAgainError
from domain.launch.standing import Batch, LaunchStanding

if TYPE_CHECKING:
    from activities.ports import Connections, Gates, ReadsPictures
    from db.desks.launch_listings import Going, LaunchListingDesk, Staging


class LaunchListingActivities:
    def __init__(
        self,
        desk: "LaunchListingDesk",
        effects: Effects,
        connections: "Connections",
        gates: "Gates",
        read_pictures: "ReadsPictures",
    ) -> None:
        self._desk = desk
        self._effects = effects
        self._connections = connections
        self._gates = gates
        self._read_pictures = read_pictures

    @activity.defn
    @mapped
    async def look_at_listings(self, batch: Batch) -> LaunchStanding:
        """Remember what the channel shows before anything is changed."""
        refs = await self._desk.to_look(batch)
        try:
            shown = await (await self._channel(batch)).read_listings(refs)
        except NotAuthorizedError as error:
            return await self._desk.held_back(batch, error.merchant)
        except RejectedError as error:
            return await self._desk.refused(batch, error.merchant)
        return await self._desk.looked(batch, list(zip(refs, shown, strict=True)))

    @activity.defn
    @mapped
    async def stage_listings(self, batch: Batch) -> LaunchStanding:
        """Make the channel's form, pass the gates, write it unseen, and read it back."""
        staging = await self._desk.to_stage(batch)
        forms = await self._through_gates(batch, staging)
        channel = await self._channel(batch)
        hidden = {name: form for name, form in forms.items() if staging.was[name] != "live"}
        if staging.is_dry or not isinstance(channel, StagesListings):
            hidden = {}  # such a channel is only asked what it would refuse
        later = {name: form for name, form in forms.items() if name not in hidden}
        try:
            key, results, shown = await self._stage(batch, staging, channel, hidden)
            results |= await refusals(channel, later)
        except HeldBackError:
            return await self._desk.standing_of(batch)
        except RejectedError as error:
            return await self._desk.refused(batch, error.merchant)
        except NotAuthorizedError as error:
            return await self._desk.held_back(batch, error.merchant)
        return await self._desk.staged(batch, key, staging, forms, results, shown)

    async def _stage(
        self, batch: Batch, staging: "Staging", channel: TakesListings, forms: Mapping[str, ListingForm]
    ) -> tuple[str, dict[str, ListingResult], Shown]:
        results: dict[str, ListingResult] = {}
        if not forms:
            return "", results, {}
        await self._desk.staging(batch, forms)
        write = effect("stage", batch, f"{staging.revision}:{digest(forms.values())}")

        async def call() -> None:
            stager = cast("StagesListings", channel)
            results.update(by_product(await stager.stage_listings(tuple(forms.values()), write.key)))

        shown = await self._effects.perform(write, call, lambda: staged(channel, forms, results), NO_WAIT)
        return write.key, results, shown

    async def _through_gates(self, batch: Batch, staging: "Staging") -> dict[str, ListingForm]:
        forms, stopped = {}, {}
        await self._read_pictures(list(staging.questions))
        for product, question in (await self._desk.with_pictures(staging.questions)).items():
            checked = await self._gates(question)
            if not checked.passes:
                stopped[product] = [finding.model_dump(mode="json") for finding in checked.findings]
                continue
            forms[product] = self._desk.listing(checked.filled, staging)
        if stopped:
            await self._desk.blocked(batch, stopped)
        return forms

    @activity.defn
    @mapped
    async def publish_listings(self, batch: Batch) -> LaunchStanding:
        """Make them live, in as few calls as the platform allows; when it said yes is what skew is measured by."""
        going = await self._desk.to_publish(batch)
        if going.is_dry or not going.every:
            done = [ListingResult(ref=ref, outcome="done") for ref in going.every]
            return await self._desk.published(batch, "", done, {}, datetime.now(UTC))
        try:
            return await self._publish(batch, going)
        except HeldBackError:
            return await self._desk.give_up(batch, "nothing may be written to it, or it refused the credentials")
        except RejectedError:
            return await self._desk.give_up(batch, "it refused the call")

    async def _publish(self, batch: Batch, going: "Going") -> LaunchStanding:
        channel = await self._channel(batch)
        results: dict[str, ListingResult] = {}
        said_yes: list[datetime] = []
        write = effect("publish", batch, "")
        written = {form.ref.reference: flat(form) for form in going.forms}

        async def call() -> None:
            calls = [channel.publish_listings(going.refs, write.key)] if going.refs else []
            calls += [channel.write_listings(going.forms, write.key)] if going.forms else []
            done = await asyncio.gather(*calls)
            said_yes.append(datetime.now(UTC))
            results.update(by_product(result for part in done for result in part))

        shown = await self._effects.perform(write, call, lambda: live(channel, going.every, written, results), NO_WAIT)
        known = results.values() or [ListingResult(ref=ref, outcome="done") for ref in going.every]
        return await self._desk.published(batch, write.key, known, shown, [*said_yes, datetime.now(UTC)][0])

    @activity.defn
    @mapped
    async def see_listings(self, batch: Batch) -> LaunchStanding:
        """Look at the public side until buyers see everything, at the prices that were meant."""
        forms = await self._desk.to_see(batch, "published")
        if not forms:
            return await self._desk.seen(batch, ())
        channel = await self._channel(batch)
        seen: list[PublicListing] = []
        waits = forms
        accepts = await self._desk.is_accepted(batch)
        for pause in APPEARS_AFTER if accepts else (0, *SEEN_AFTER):
            await asyncio.sleep(pause)
            public = await channel.public_listings(tuple(form.ref for form in waits))
            pairs = list(zip(public, waits, strict=True))
            seen += [one for one, form in pairs if is_as_meant(one.is_visible, one.prices, form)]
            waits = tuple(form for one, form in pairs if not is_as_meant(one.is_visible, one.prices, form))
            if not waits:
                return await self._desk.seen(batch, seen)
        shown = await shown_of(channel, [form.ref for form in waits])
        if accepts and all(one.state == "accepted" for one in shown.values()):
            raise TryAgainError("the platform has accepted it and does not show it yet", "public_listings")
        return await self._desk.give_up(batch, "buyers do not see it as it was meant")

    @activity.defn
    @mapped
    async def watch_listings(self, batch: Batch) -> LaunchStanding:
        """Look at the public side while it must show nothing."""
        forms = await self._desk.to_see(batch, "staged")
        if not forms:
            return await self._desk.standing_of(batch)
        try:
            public = await (await self._channel(batch)).public_listings(tuple(form.ref for form in forms))
        except NotAuthorizedError as error:
            return await self._desk.held_back(batch, error.merchant)
        return await self._desk.leaked(batch, [one for one in public if one.is_visible])

    async def _channel(self, batch: Batch) -> TakesListings:
        return cast("TakesListings", await self._connections.connector(batch.connection_id))
