"""The return policy as people write it: values by scope, inherited from global to market, channel, category and SKU."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from domain.base import Frozen
from domain.sourcing.problem import SORTED_IN_JSON, Count, known_zone

Grade = Literal["new", "opened", "worn", "damaged"]
GRADES: tuple[Grade, ...] = ("new", "opened", "worn", "damaged")
Instant = Literal["never", "first_scan", "approval"]
Level = Literal["global", "market", "channel", "category", "sku"]
LEVELS: tuple[Level, ...] = ("global", "market", "channel", "category", "sku")
Percent = Annotated[int, Field(ge=0, le=100)]
ByCurrency = dict[str, Count]


class PolicyValues(Frozen):
    """What a rule says; None leaves it to a wider rule. Amounts are in the smallest unit, by the order's currency."""

    model_config = ConfigDict(extra="forbid")

    window_days: Count | None = Field(default=None, description="days from the delivery")
    shipping_paid_by: Literal["merchant", "buyer"] | None = None
    return_fee_minor: ByCurrency | None = Field(default=None, description="what a label costs the buyer who pays it")
    refund_shipping: bool | None = Field(
        default=None, description="the outward shipping, when the whole order comes back"
    )
    accepted_grades: Annotated[frozenset[Grade], SORTED_IN_JSON] | None = None
    final_sale: bool | None = None
    restocking_fee_percent: Percent | None = None
    exchange: bool | None = None
    instant_refund: Instant | None = Field(default=None, description="before anything was received, and from when on")
    inspection: bool | None = Field(default=None, description="money waits for the grade, not only for the receipt")
    keep_below_minor: ByCurrency | None = Field(default=None, description="a return worth less is not asked back")
    automatic: bool | None = Field(default=None, description="what is eligible is approved without a person")


class Terms(Frozen):
    """Every value; what stands here holds where no rule says otherwise."""

    window_days: int = 30
    shipping_paid_by: Literal["merchant", "buyer"] = "merchant"
    return_fee_minor: ByCurrency = Field(default={})
    refund_shipping: bool = True
    accepted_grades: Annotated[frozenset[Grade], SORTED_IN_JSON] = frozenset(GRADES[:2])
    final_sale: bool = False
    restocking_fee_percent: int = 0
    exchange: bool = True
    instant_refund: Instant = "never"
    inspection: bool = False
    keep_below_minor: ByCurrency = Field(default={})
    automatic: bool = True


FIELDS: tuple[str, ...] = tuple(Terms.model_fields)


class Subject(Frozen):
    """What a policy is asked about; also the example that the lint gives."""

    market: str = ""
    channel: str = ""
    category: str = ""
    sku: str = ""


class PolicyRule(Frozen):
    """Values for everything that the named scope holds; an empty scope field holds all.

    `is_minimum`: what a marketplace demands; wherever it applies the buyer gets at least this, whatever others say.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100)]
    market: str = ""
    channel: str = ""
    category: str = ""
    sku: str = ""
    values: PolicyValues
    is_minimum: bool = False

    @property
    def level(self) -> Level:
        """How narrow it is: by the narrowest field of its scope."""
        return next((level for level in reversed(LEVELS[1:]) if getattr(self, level)), "global")

    @property
    def rank(self) -> tuple[int, int]:
        """Of two rules that apply, the one of higher rank decides; within a level, the one that names more."""
        return LEVELS.index(self.level), sum(bool(getattr(self, level)) for level in LEVELS[1:])

    def applies_to(self, subject: Subject) -> bool:
        return all(getattr(self, level) in {"", getattr(subject, level)} for level in LEVELS[1:])

    def said(self) -> dict[str, Any]:
        """The values that it does give."""
        return {name: value for name in FIELDS if (value := getattr(self.values, name)) is not None}


class ReturnPolicy(Frozen):
    """One version; it never changes."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]
    rules: tuple[PolicyRule, ...]
    timezone: Annotated[str, AfterValidator(known_zone)] = "UTC"
    """Where the last day of a window ends."""
    carrier_connection: str = Field(default="", description="who sells the labels; empty: no labels are bought")
    returns_location: str = Field(default="", description="where labels are addressed to")
    returns_locations: dict[str, str] = Field(default={}, description="the same by market, where it is another one")
    notify: Literal["hub", "channel", "nobody"] = Field(default="channel", description="who writes to the buyer")
    remind_after_days: Count = 7
    expires_after_days: Annotated[int, Field(ge=1)] = 30

    def receives(self, market: str) -> str:
        """Where what comes back from this market is expected; empty: nowhere in particular."""
        return self.returns_locations.get(market, self.returns_location)

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [rule.name for rule in self.rules]
        if len(set(names)) != len(names):
            raise ValueError("rules: a name appears twice; give each rule its own")
        return self


BUILT_IN = ReturnPolicy(version="built-in", rules=())
"""What holds while nobody has written a policy."""
