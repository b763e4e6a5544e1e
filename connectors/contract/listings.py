"""Products as a channel shows them: staged unseen, made live, changed, read back, taken down."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import Field

from domain.base import Frozen
from domain.money import Money


class ListingRef(Frozen):
    """A listing by both its names; the channel's is empty as long as the channel has not given one."""

    reference: str = Field(description="our product id")
    external_id: str = ""
    skus: tuple[str, ...] = Field(
        default=(), description="how it is found on a channel that keeps no reference of ours"
    )


class VariantForm(Frozen):
    """One thing to be bought, in the channel's own shape."""

    sku: str
    external_id: str = ""
    fields: Mapping[str, Any] = Field(default_factory=dict)
    price: Money | None = None
    compare_at: Money | None = Field(default=None, description="the price that is struck out beside it")
    quantities: Mapping[str, int] = Field(default_factory=dict, description="units by the channel's location id")


class ListingForm(Frozen):
    """A product in the channel's own shape, made from the master by the connection's form.

    A field that is missing is left as the channel has it; one that is None is emptied.
    """

    ref: ListingRef
    is_new: bool = Field(default=False, description="it was not there at the last look, and this is the whole of it")
    kind: str = Field(default="", description="the channel's product type or category")
    fields: Mapping[str, Any] = Field(default_factory=dict)
    media: tuple[str, ...] | None = Field(default=None, description="addresses in their order; None leaves them alone")
    variants: tuple[VariantForm, ...] = ()


class ListingIssue(Frozen):
    """Something that the platform says about a listing; the message is its text, without personal data."""

    code: str
    field: str = ""
    message: str = ""
    is_blocking: bool = True


class ShownListing(Frozen):
    """A listing as the merchant sees it at the channel.

    `accepted` is between the platform's yes and the listing's appearance (Amazon).
    """

    form: ListingForm
    state: Literal["hidden", "accepted", "live", "gone"]
    issues: tuple[ListingIssue, ...] = ()
    version: str = Field(
        default="", description="changes whenever anybody changes the listing, where the platform tells"
    )
    changed_at: datetime | None = None


class PublicListing(Frozen):
    """What a buyer sees who is not signed in; `fields` holds what the public page shows, in the channel's names."""

    ref: ListingRef
    is_visible: bool
    is_buyable: bool = False
    title: str = ""
    prices: Mapping[str, Money] = Field(default_factory=dict, description="by SKU")
    media: tuple[str, ...] = ()
    seen_at: datetime


class ListingResult(Frozen):
    """The outcome for one listing of a batch; one that is refused stops no other."""

    ref: ListingRef
    outcome: Literal["done", "accepted", "rejected"]
    issues: tuple[ListingIssue, ...] = ()


@runtime_checkable
class TakesListings(Protocol):
    """Offers products. Every write is a batch with one result per item, in order, and is repeatable: it names a state."""

    async def publish_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:
        """Make what is staged visible; as few calls as the platform allows, since they are the launch's moment."""

    async def unpublish_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:
        """Hide them and keep them; hiding what is hidden or gone is done."""

    async def write_listings(self, forms: tuple[ListingForm, ...], key: str) -> tuple[ListingResult, ...]:
        """Change the given fields only, seen or unseen as the listing is; a new one is made, seen where it cannot be hidden."""

    async def remove_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:
        """Take away what a launch has made; removing what is not there is done."""

    async def read_listings(self, refs: tuple[ListingRef, ...]) -> tuple[ShownListing | None, ...]:
        """As the merchant sees them now, in order, None for what is not there: the read-back and look-up of every write."""

    async def public_listings(self, refs: tuple[ListingRef, ...]) -> tuple[PublicListing, ...]:
        """As buyers see them now, by the platform's public side, in order."""


@runtime_checkable
class StagesListings(Protocol):
    """Can hold a listing that is whole and unseen; a channel that cannot goes last in a launch."""

    async def stage_listings(self, forms: tuple[ListingForm, ...], key: str) -> tuple[ListingResult, ...]:
        """Write them unseen, as drafts; one that is live is rejected (code `live`): `write_listings` changes it."""


@runtime_checkable
class GivesListingSchema(Protocol):
    """The platform publishes what it wants of a product type."""

    async def listing_schema(self, kind: str) -> Mapping[str, Any]:
        """JSON Schema of what `listing_document` makes; NotFoundAtChannelError for a type that it does not have."""

    def listing_document(self, form: ListingForm, sku: str) -> Mapping[str, Any]:
        """What the schema is about, for one variant of a form; pure."""


@runtime_checkable
class ChecksListings(Protocol):
    """The platform says beforehand what it would refuse: a channel that cannot hide drafts is staged by this."""

    async def check_listings(self, forms: tuple[ListingForm, ...]) -> tuple[ListingResult, ...]:
        """As `write_listings` would answer, and nothing is written."""
