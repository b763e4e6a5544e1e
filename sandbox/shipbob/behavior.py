"""How the simulated warehouse treats an order, chosen by rules."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Behavior(BaseModel):
    """Times are seconds; None waits for a command of the control API."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Literal["ship", "reject", "hold", "cancel", "ignore"] = "ship"
    reason: str = ""  # the status detail's name, e.g. OutOfStock, InvalidAddress; a usual one if empty
    pick_after: float | None = Field(default=0.05, ge=0)  # also when a rejection, hold or cancel is said
    ship_after: float | None = Field(default=0.05, ge=0)  # after picking
    deliver_after: float | None = Field(default=None, ge=0)
    parcels: int = Field(default=1, ge=1)
    parcel_gap: float = Field(default=0.0, ge=0)
    # by_stage: obeys until the parcel is packed; ship_anyway: says yes, and ships all the same
    on_cancel: Literal["by_stage", "refuse", "ship_anyway"] = "by_stage"
    refuse_cancel_probability: float = Field(default=0.0, ge=0, le=1)


class Rule(BaseModel):
    """Shell patterns; an order must fit all of them, `sku` by any of its products."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str = "*"
    order_number: str = "*"
    sku: str = "*"
    behavior: Behavior

    def fits(self, reference: str, order_number: str, skus: Iterable[str]) -> bool:
        return (
            fnmatchcase(reference, self.reference)
            and fnmatchcase(order_number, self.order_number)
            and any(fnmatchcase(sku, self.sku) for sku in skus)
        )


class Settings(BaseModel):
    """Everything a test may set at once; the first rule that fits an order wins, else `otherwise`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    token: str = "shipbob-sandbox-token"  # noqa: S105 - the simulated platform's, known to everyone
    channel_id: int = 100001
    scopes: tuple[str, ...] = (
        "channels_read", "orders_read", "orders_write", "fulfillments_read", "inventory_read", "locations_read",
        "webhooks_read", "webhooks_write",
    )  # fmt: skip
    calls_per_minute: int = Field(default=60_000, ge=1)  # ShipBob's own figure is 150
    rules: tuple[Rule, ...] = ()
    otherwise: Behavior = Behavior()

    def behavior_for(self, reference: str, order_number: str, skus: Iterable[str]) -> Behavior:
        known = tuple(skus)
        fitting = (rule.behavior for rule in self.rules if rule.fits(reference, order_number, known))
        return next(fitting, self.otherwise)
