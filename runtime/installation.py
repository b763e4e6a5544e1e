"""The form of `tutti.yaml`: what an installation consists of, beside what happens in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.alerts import AlertRules
from domain.availability.rules import AllocationRules
from domain.availability.safety import Safety
from domain.catalog.dictionary import AttributeType
from domain.catalog.document import merged
from domain.catalog.form import ChannelForm
from domain.errors import DomainError
from domain.item import Alias, Component, Item
from domain.location import Location, LocationProfile
from domain.returns.policy import ReturnPolicy
from domain.sourcing.problem import LocationKind
from domain.sourcing.rules import SourcingRules

if TYPE_CHECKING:
    from pathlib import Path

_ID = r"^[a-z0-9][a-z0-9-]{0,40}$"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FlowEntry(_Strict):
    """How a flow of a connection shall stand; `inventory: on` is short for `inventory: {mode: on}`."""

    mode: Literal["off", "shadow", "on"]
    canary_percent: Annotated[int, Field(ge=0, le=100)] = 100

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        """YAML reads a bare on as true."""
        if isinstance(given, bool | str):
            given = {"mode": given}
        if isinstance(given, dict) and isinstance(given.get("mode"), bool):
            given = given | {"mode": "on" if given["mode"] else "off"}
        return given


class ConnectionEntry(_Strict):
    """One connection; `config` is the connector's own, its secrets as `env:NAME` or `file:PATH`.

    `locations` says which location each of its places is, `pools` which locations stand together behind a place,
    `tenders` what its means of payment are called here, `payments` which connection takes and gives back its money,
    where it does not itself, and `rehearses_as` the one (at a simulator) on which launches are rehearsed.
    """

    platform: str
    name: str = ""
    market: str = ""
    captures: Literal["channel", "hub", "hub_once"] = "channel"
    config: dict[str, Any] = {}
    locations: dict[str, str] = {}
    pools: dict[str, tuple[str, ...]] = {}
    tenders: dict[str, str] = {}
    payments: str = ""
    rehearses_as: str = ""
    flows: dict[str, FlowEntry] = {}


class LocationEntry(_Strict):
    """One location; `connection` is who ships from it."""

    name: str
    kind: LocationKind
    connection: str
    external_id: str = ""
    enabled: bool = True
    profile: LocationProfile

    def location(self, location_id: str) -> Location:
        fields = {"name", "kind", "external_id", "enabled", "profile"}
        same = {field: getattr(self, field) for field in fields}
        return Location(id=location_id, connection_id=self.connection, **same)


class ItemEntry(_Strict):
    """One item; its id is a SKU on every connection, `aliases` are further ones. `components` make it a bundle."""

    title: str
    weight_g: int = 0
    is_hazmat: bool = False
    sku_class: str = ""
    components: dict[str, int] = {}
    aliases: tuple[Alias, ...] = ()

    def item(self, item_id: str) -> Item:
        parts = tuple(Component(item_id=part, quantity=quantity) for part, quantity in self.components.items())
        return Item(id=item_id, components=parts, **self.model_dump(exclude={"components", "aliases"}))


class SafetyEntry(_Strict):
    """Units that are not published; what is not said means all, no profile means always."""

    units: Annotated[int, Field(ge=0)]
    item: str = ""
    connection: str = ""
    location: str = ""
    profile: str = ""

    def safety(self) -> Safety:
        return Safety(self.item, self.connection, self.location, self.profile, self.units)


class ProfileTime(_Strict):
    """A time in which a calendar profile counts."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime


class AttributeEntry(_Strict):
    """One attribute of products; the entry's name is its code."""

    label: str
    type: AttributeType = "text"
    unit: str = ""
    choices: tuple[str, ...] = ()
    is_compliance: bool = False


class CategoryEntry(_Strict):
    """One category of products; those above it come before it."""

    name: str
    parent: str = ""
    required_attributes: tuple[str, ...] = ()


class Installation(_Strict):
    """The whole file. `stock` (units by location and item) is opening stock: booked once, never corrected.

    A form can begin with `file`, a YAML file beside this one, and say only what is different on its connection.
    """

    merchant: str = ""
    connections: dict[Annotated[str, Field(pattern=_ID)], ConnectionEntry] = {}
    locations: dict[str, LocationEntry] = {}
    items: dict[str, ItemEntry] = {}
    stock: dict[str, dict[str, Annotated[int, Field(ge=0)]]] = {}
    sourcing_rules: SourcingRules | None = None
    allocation_rules: AllocationRules | None = None
    calendar_profiles: dict[str, tuple[ProfileTime, ...]] = {}
    safety_stock: tuple[SafetyEntry, ...] = ()
    alert_rules: AlertRules | None = None
    return_policy: ReturnPolicy | None = None
    attributes: dict[str, AttributeEntry] = {}
    categories: dict[str, CategoryEntry] = {}
    forms: dict[str, ChannelForm] = {}


def read(path: Path) -> Installation:
    """Raises DomainError that names every field that is wrong, and what to do."""
    document = _loaded(path) or {}
    if isinstance(document, dict) and isinstance(forms := document.get("forms"), dict):
        document["forms"] = {name: _form(path, form) for name, form in forms.items()}
    try:
        return Installation.model_validate(document)
    except ValidationError as error:
        problems = [_problem(".".join(map(str, wrong["loc"])), wrong["type"], wrong["msg"]) for wrong in error.errors()]
        raise DomainError("bad_file", f"{path}:\n" + "\n".join(problems)) from None


def _loaded(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text())
    except OSError as error:
        raise DomainError("bad_file", f"{path} cannot be read ({error.strerror})") from None
    except yaml.YAMLError as error:
        raise DomainError("bad_file", f"{path} is not YAML: {error}") from None


def _form(path: Path, form: Any) -> Any:
    """What the file says that it begins with, and what is different here."""
    if not isinstance(form, dict) or "file" not in form:
        return form
    base = _loaded(path.parent / str(form["file"]))
    return merged(base if isinstance(base, dict) else None, {k: v for k, v in form.items() if k != "file"})


def _problem(field: str, kind: str, text: str) -> str:
    if kind == "extra_forbidden":
        return f"  {field}: there is no such key; remove it or correct its spelling"
    return f"  {field}: {text}"
