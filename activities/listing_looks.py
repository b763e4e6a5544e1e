"""What a channel shows after a write, and whether that proves it."""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from connectors.contract import (
    ChecksListings,
    Effect,
    ListingForm,
    ListingRef,
    ListingResult,
    ShownListing,
    TakesListings,
)
from connectors.contract.listing_fields import flat
from domain.launch.sameness import proves
from domain.launch.standing import Batch
from domain.money import Money

SEEN_AFTER = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 3.2)
"""Seconds between looks: platforms fetch pictures, and show things, a little after they have said yes."""
APPEARS_AFTER = (1.2, 2.4, 4.8)
"""Seconds before each look where a platform accepts first and shows later: one that is too early only costs of its limit."""
NO_WAIT = timedelta(0)
"""A write that names a state is harmless to repeat, so nothing has to settle before it is made again."""
ON_ITS_WAY = frozenset({"live", "accepted"})
Shown = Mapping[str, ShownListing]


def effect(kind: str, batch: Batch, version: str) -> Effect:
    """One write of a batch; its key names the launch, the channel, the batch, and what is written."""
    key = f"launch-{kind}:{batch.launch_id}:{batch.connection_id}:{batch.number}:{version}".rstrip(":")
    return Effect(key=key, kind=f"launch_{kind}", connection_id=batch.connection_id)


def digest(forms: Iterable[ListingForm]) -> str:
    """The same for the same content."""
    plain = json.dumps([form.model_dump(mode="json") for form in forms], sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def by_product(results: Iterable[ListingResult]) -> dict[str, ListingResult]:
    return {result.ref.reference: result for result in results}


async def shown_of(channel: TakesListings, refs: Iterable[ListingRef]) -> dict[str, ShownListing]:
    """Those that are there, by product."""
    asked = tuple(refs)
    found = await channel.read_listings(asked) if asked else ()
    pairs = zip(asked, found, strict=True)
    return {ref.reference: one for ref, one in pairs if one is not None and one.state != "gone"}


async def staged(
    channel: TakesListings, forms: Mapping[str, ListingForm], results: Mapping[str, ListingResult]
) -> Shown | None:
    """What is shown of the staged ones, pictures and all; None as long as one is missing.

    Without results (the answer was lost) only a listing that shows every field proves that it landed.
    """
    wanted = {name: form for name, form in forms.items() if not results or results[name].outcome != "rejected"}
    refs = {name: results[name].ref if name in results else form.ref for name, form in wanted.items()}
    shown = await shown_of(channel, refs.values())
    for pause in (*SEEN_AFTER, None):
        landed = shown.keys() == wanted.keys() and (
            bool(results) or all(proves(flat(shown[name].form), flat(form)) for name, form in wanted.items())
        )
        if not landed:
            return None
        waits = [refs[name] for name, one in shown.items() if is_processing(one)]
        if pause is None or not waits:
            return shown
        await asyncio.sleep(pause)
        shown = {name: one for name, one in shown.items() if refs[name] not in waits} | await shown_of(channel, waits)
    return None


async def live(
    channel: TakesListings,
    refs: Iterable[ListingRef],
    written: Mapping[str, Mapping[str, Any]],
    results: Mapping[str, ListingResult],
) -> Shown | None:
    """What is shown of those that went live; None as long as one is neither live nor on its way.

    Where the platform has answered, only what it has written at once is looked at: what was staged shows nothing new,
    what is accepted shows when the platform likes, and that buyers see it is looked at by itself.
    """
    wanted = [
        ref for ref in refs if not results or (results[ref.reference].outcome == "done" and ref.reference in written)
    ]
    shown = await shown_of(channel, wanted)
    for ref in wanted:
        one = shown.get(ref.reference)
        if one is None or one.state not in ON_ITS_WAY:
            return None
        if not results and not proves(flat(one.form), written.get(ref.reference, {})):
            return None
    return shown


async def refusals(channel: object, forms: Mapping[str, ListingForm]) -> dict[str, ListingResult]:
    """What the platform would refuse of them, where it can be asked without writing."""
    if not forms or not isinstance(channel, ChecksListings):
        return {}
    return by_product(await channel.check_listings(tuple(forms.values())))


def is_processing(one: ShownListing) -> bool:
    return any(issue.code == "processing" for issue in one.issues)


def is_as_meant(visible: bool, prices: Mapping[str, Money], form: ListingForm) -> bool:
    """Seen by buyers, and at the prices that were meant, as far as the public side tells them."""
    meant = {variant.sku: variant.price for variant in form.variants if variant.price is not None}
    return visible and all(prices[sku] == price for sku, price in meant.items() if sku in prices)
