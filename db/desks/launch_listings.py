"""The database as the steps of a launch at its channels see it: what to look at, to stage, to publish, and what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.contract import ListingForm, ListingIssue, ListingRef, ListingResult, PublicListing, ShownListing
from connectors.contract.listing_fields import flat
from db import catalog, effects, launch_stock
from db import offered as offered_listings
from db.desks.catalog import files_of, listing, questions
from db.desks.launch import LaunchDesk
from db.flows import bucket
from db.launch_facts import note
from db.launch_reading import CHANNELS, LEAKS, LISTINGS, channels_of, listings_of, row_of
from db.launch_settling import fail_channel
from db.upsert import insert_once
from domain.base import Frozen
from domain.catalog.filling import Filled
from domain.catalog.gates import GateQuestion
from domain.launch.approval import digest
from domain.launch.sameness import rewritten
from domain.launch.standing import Batch, LaunchStanding


class Staging(Frozen):
    """What is to be staged: the gates' questions by product, what each channel listing was, and the effect's key."""

    questions: Mapping[str, GateQuestion]
    was: Mapping[str, str]
    external_ids: Mapping[str, str]
    quantities: Mapping[str, Mapping[str, int]]
    versions: Mapping[str, int]
    revision: int
    is_dry: bool = False


class Going(Frozen):
    """What goes live: staged ones by publishing, the others by writing."""

    refs: tuple[ListingRef, ...] = ()
    forms: tuple[ListingForm, ...] = ()
    is_dry: bool = False

    @property
    def every(self) -> tuple[ListingRef, ...]:
        return (*self.refs, *(form.ref for form in self.forms))


class LaunchListingDesk(LaunchDesk):
    """One listing per product and channel."""

    async def to_look(self, batch: Batch) -> tuple[ListingRef, ...]:
        def work(tx: Connection) -> tuple[ListingRef, ...]:
            rows = listings_of(tx, batch, "planned")
            products = catalog.load_many(tx, [row.product_id for row in rows])
            known = offered_listings.external_ids(tx, batch.connection_id, list(products))
            return tuple(
                ListingRef(reference=one.id, external_id=known.get(one.id, ""), skus=tuple(v.sku for v in one.variants))
                for one in products.values()
            )

        return await self.database.read(work)

    async def looked(self, batch: Batch, shown: Sequence[tuple[ListingRef, ShownListing | None]]) -> LaunchStanding:
        """The snapshot: what each channel shows now; taken once, since what we stage would spoil a second."""

        def change(tx: Connection, now: datetime) -> None:
            for ref, one in shown:
                there = one is not None and one.state != "gone"
                was = "absent" if one is None or not there else "hidden" if one.state == "hidden" else "live"
                values = {
                    "state": "known", "was": was, "before": flat(one.form) if one and there else {},
                    "external_id": one.form.ref.external_id if one and there else "", "skus": list(ref.skus),
                }  # fmt: skip
                _set(tx, batch, ref.reference, now, **values)

        return await self.write(batch.launch_id, change)

    async def to_stage(self, batch: Batch) -> Staging:
        def work(tx: Connection) -> Staging:
            rows = [row for row in listings_of(tx, batch, "known", "staging") if not row.blocked]
            launch, ids = row_of(tx, batch.launch_id), [row.product_id for row in rows]
            asked = questions(tx, ids, _form_of(tx, batch), self.now()) if ids else {}
            stock = {"wanted": launch.reserve, "reserved": launch_stock.held(tx, batch.launch_id)}
            return Staging(
                questions={name: one.model_copy(update=stock) for name, one in asked.items()},
                was={row.product_id: row.was for row in rows},
                external_ids={row.product_id: row.external_id for row in rows},
                quantities=launch_stock.by_place(tx, batch.launch_id, batch.connection_id),
                versions={product: catalog.version_of(tx, product) for product in ids},
                revision=launch.revision,
                is_dry=launch.mode == "dry_run",
            )

        return await self.database.read(work)

    async def with_pictures(self, asked: Mapping[str, GateQuestion]) -> dict[str, GateQuestion]:
        """The questions with what is known of their pictures by now."""

        def work(tx: Connection) -> dict[str, GateQuestion]:
            return {
                name: one.model_copy(update={"files": files_of(tx, one.product, one.channel)})
                for name, one in asked.items()
            }

        return await self.database.read(work)

    @staticmethod
    def listing(filled: Filled, staging: Staging) -> ListingForm:
        """What the connector is given; a listing that is live keeps its numbers, which its own publication moves."""
        product = filled.product_id
        was = staging.was[product]
        stock = {} if was == "live" else staging.quantities
        form = listing(filled, external_id=staging.external_ids[product], is_new=was == "absent", quantities=stock)
        return form.model_copy(update={"is_new": was == "absent"})

    async def blocked(self, batch: Batch, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> LaunchStanding:
        """Findings that stop these products; nothing of them is written."""

        def change(tx: Connection, now: datetime) -> None:
            for product, findings in found.items():
                _set(tx, batch, product, now, blocked=True, findings=list(findings))
            if found:
                note(tx, batch.launch_id, "blocked", now, connection=batch.connection_id, products=len(found))

        return await self.write(batch.launch_id, change)

    async def refused(self, batch: Batch, why: str) -> LaunchStanding:
        """The channel takes none of them; what it says stands with each."""
        finding = told([ListingIssue(code="refused", message=why)], batch)

        def change(tx: Connection, now: datetime) -> None:
            for row in listings_of(tx, batch, "planned", "known", "staging"):
                _set(tx, batch, row.product_id, now, blocked=True, findings=finding)

        return await self.write(batch.launch_id, change)

    async def held_back(self, batch: Batch, why: str) -> LaunchStanding:
        """The credentials were refused: nothing more is asked of the connection until somebody has mended that."""
        return await self.write(batch.launch_id, lambda tx, now: effects.pause(tx, batch.connection_id, "", why, now))

    async def staging(self, batch: Batch, forms: Mapping[str, ListingForm]) -> None:
        """Remembered before the call: whatever becomes of it, what may have been written can be taken back."""

        def work(tx: Connection) -> None:
            for product, form in forms.items():
                sent = _one(tx, batch, product).wanted or {}
                _set(tx, batch, product, self.now(), state="staging", wanted=sent | flat(form))

        await self.database.write(work)

    async def staged(
        self,
        batch: Batch,
        key: str,
        staging: Staging,
        forms: Mapping[str, ListingForm],
        results: Mapping[str, ListingResult],
        shown: Mapping[str, ShownListing],
    ) -> LaunchStanding:
        """What the channel made of it: a refused one is blocked with the platform's own words."""

        def change(tx: Connection, now: datetime) -> None:
            for product, form in forms.items():
                result = results.get(product)
                if result is not None and result.outcome == "rejected":
                    live = any(issue.code == "live" for issue in result.issues)
                    values = {"state": "planned"} if live else {"blocked": True, "findings": told(result.issues, batch)}
                    _set(tx, batch, product, now, **values)
                    continue
                row = _one(tx, batch, product)
                wanted, read = flat(form), flat(shown[product].form) if product in shown else None
                notes = [_rewritten(batch, name) for name in rewritten(read, wanted)] if read is not None else []
                external_id = shown[product].form.ref.external_id if product in shown else form.ref.external_id
                sent = wanted if row.was == "absent" else (row.wanted or {}) | wanted
                _set(
                    tx, batch, product, now, state="staged", content=digest(wanted), wanted=sent, shown=_kept(read, sent), findings=notes,
                    form=form.model_dump(mode="json", exclude_unset=True), external_id=external_id,
                    product_version=staging.versions[product],
                )  # fmt: skip
            if key:
                effects.confirm(tx, key, {"listings": len(forms)}, now)

        return await self.write(batch.launch_id, change)

    async def to_publish(self, batch: Batch) -> Going:
        def work(tx: Connection) -> Going:
            rows, channel = listings_of(tx, batch, "staged"), _channel(tx, batch)
            by_state = [row for row in rows if row.was != "live" and channel.hides]
            by_writing = [row for row in rows if row.was == "live" or not channel.hides]
            return Going(
                refs=tuple(_ref(row) for row in by_state),
                forms=tuple(_form(row) for row in by_writing),
                is_dry=row_of(tx, batch.launch_id).mode == "dry_run",
            )

        return await self.database.read(work)

    async def published(
        self,
        batch: Batch,
        key: str,
        results: Iterable[ListingResult],
        shown: Mapping[str, ShownListing],
        live_at: datetime,
    ) -> LaunchStanding:
        """One that is refused fails its channel; what the others show is the base of every later comparison."""

        def change(tx: Connection, now: datetime) -> None:
            accepts = False
            for result in results:
                product = result.ref.reference
                if result.outcome == "rejected":
                    _set(tx, batch, product, now, findings=told(result.issues, batch))
                    codes = ", ".join(sorted({issue.code for issue in result.issues})) or "rejected"
                    fail_channel(tx, batch.launch_id, batch.connection_id, f"it refused {product} ({codes})", now)
                    continue
                accepts = (
                    accepts or result.outcome == "accepted" or (product in shown and shown[product].state == "accepted")
                )
                values: dict[str, Any] = {"state": "published", "live_at": live_at}
                if product in shown:
                    row = _one(tx, batch, product)
                    values |= {"shown": _kept(flat(shown[product].form), row.wanted or {})}
                    values |= {"external_id": shown[product].form.ref.external_id or row.external_id}
                _set(tx, batch, product, now, **values)
            _went_live(tx, batch, live_at, accepts=accepts)
            if key:
                effects.confirm(tx, key, {"live_at": live_at.isoformat()}, now)

        return await self.write(batch.launch_id, change)

    async def to_see(self, batch: Batch, *states: str) -> tuple[ListingForm, ...]:
        """What buyers should see, or should not see yet."""

        def work(tx: Connection) -> tuple[ListingForm, ...]:
            rows = listings_of(tx, batch, *states)
            hidden_only = "staged" in states
            dry = row_of(tx, batch.launch_id).mode == "dry_run"
            return () if dry else tuple(_form(row) for row in rows if not hidden_only or row.was != "live")

        return await self.database.read(work)

    async def is_accepted(self, batch: Batch) -> bool:
        """Whether the platform says yes before it shows anything."""
        return await self.database.read(lambda tx: bool(_channel(tx, batch).accepts_first))

    async def seen(self, batch: Batch, public: Iterable[PublicListing]) -> LaunchStanding:
        """Buyers see them as they should: they are ours to keep in step from now on."""
        at = {one.ref.reference: one.seen_at for one in public if one.is_visible}

        def change(tx: Connection, now: datetime) -> None:
            dry, offered = row_of(tx, batch.launch_id).mode == "dry_run", []
            for row in listings_of(tx, batch, "published"):
                if dry or row.product_id in at:
                    _set(tx, batch, row.product_id, now, state="live", seen_at=at.get(row.product_id, now))
                    offered += [] if dry else [_offered(row)]
            offered_listings.add(tx, offered, now)
            seen = select(LISTINGS.c.seen_at).where(*_mine(batch), LISTINGS.c.seen_at.is_not(None))
            last = max(tx.execute(seen).scalars(), default=None)
            tx.execute(update(CHANNELS).where(*_this_channel(batch)).values(seen_at=last))

        return await self.write(batch.launch_id, change)

    async def leaked(self, batch: Batch, public: Iterable[PublicListing]) -> LaunchStanding:
        """What buyers can see before its moment, each once."""

        def change(tx: Connection, now: datetime) -> None:
            for one in public:
                row = {
                    "launch_id": batch.launch_id, "connection_id": batch.connection_id,
                    "product_id": one.ref.reference, "seen_at": one.seen_at,
                }  # fmt: skip
                if row_of(tx, batch.launch_id).barrier_at is None and insert_once(tx, LEAKS, [row]):
                    note(tx, batch.launch_id, "leaked", now, connection=batch.connection_id, product=one.ref.reference)

        return await self.write(batch.launch_id, change)


def told(issues: Iterable[ListingIssue], batch: Batch) -> list[dict[str, Any]]:
    """A platform's words as findings."""
    return [
        {
            "gate": "platform", "channel": batch.connection_id, "field": issue.field, "sku": "",
            "severity": "blocking" if issue.is_blocking else "warning", "text": f"{issue.code}: {issue.message}".strip(": "),
            "remedy": "mend it in the product or the channel's form, then have the launch look again",
        }
        for issue in issues
    ] or [
        {
            "gate": "platform", "channel": batch.connection_id, "field": "", "sku": "", "severity": "blocking",
            "text": "the channel refused it", "remedy": "look at the listing at the channel",
        }
    ]  # fmt: skip


def _offered(row: Row[Any]) -> dict[str, Any]:
    """What the launch has brought live: what was told, and what was shown of it, is what later changes start from."""
    return {
        "connection_id": row.connection_id, "product_id": row.product_id, "external_id": row.external_id,
        "kind": (row.form or {}).get("kind", ""), "variant_ids": dict.fromkeys(row.skus or (), ""),
        "bucket": bucket(row.product_id), "product_version": row.product_version,
        "published": row.wanted or {}, "confirmed": row.shown if row.shown is not None else row.wanted or {},
    }  # fmt: skip


def _rewritten(batch: Batch, field: str) -> dict[str, Any]:
    return {
        "gate": "read_back", "channel": batch.connection_id, "field": field, "sku": "", "severity": "warning",
        "text": "the channel shows it otherwise than it was told", "remedy": "compare it with the channel; it is kept as shown",
    }  # fmt: skip


def _kept(shown: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """Of what the channel shows, the fields that we wrote."""
    return None if shown is None else {name: shown[name] for name in wanted if name in shown}


def _went_live(tx: Connection, batch: Batch, at: datetime, *, accepts: bool) -> None:
    channel = _channel(tx, batch)
    values: dict[str, Any] = {
        "first_at": min(channel.first_at or at, at),
        "last_at": max(channel.last_at or at, at),
        "accepts_first": channel.accepts_first or accepts,
    }
    tx.execute(update(CHANNELS).where(*_this_channel(batch)).values(**values))


def _channel(tx: Connection, batch: Batch) -> Row[Any]:
    return next(row for row in channels_of(tx, batch.launch_id) if row.connection_id == batch.connection_id)


def _form_of(tx: Connection, batch: Batch) -> str:
    return str(_channel(tx, batch).form_of)


def _this_channel(batch: Batch) -> tuple[Any, Any]:
    return CHANNELS.c.launch_id == batch.launch_id, CHANNELS.c.connection_id == batch.connection_id


def _mine(batch: Batch) -> tuple[Any, Any]:
    return LISTINGS.c.launch_id == batch.launch_id, LISTINGS.c.connection_id == batch.connection_id


def _one(tx: Connection, batch: Batch, product: str) -> Row[Any]:
    return tx.execute(select(LISTINGS).where(*_mine(batch), LISTINGS.c.product_id == product)).one()


def _set(tx: Connection, batch: Batch, product: str, now: datetime, **values: Any) -> None:
    mine = (*_mine(batch), LISTINGS.c.product_id == product)
    tx.execute(update(LISTINGS).where(*mine).values(**values, updated_at=now))


def _form(row: Row[Any]) -> ListingForm:
    form = ListingForm.model_validate(row.form)
    return form.model_copy(update={"ref": _ref(row)})


def _ref(row: Row[Any]) -> ListingRef:
    return ListingRef(reference=row.product_id, external_id=row.external_id, skus=tuple(row.skus or ()))
