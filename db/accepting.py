"""Taking over what a channel shows: the value becomes that channel's own in the master, with its history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from connectors.contract.listing_fields import flat
from db import catalog, channel_forms
from db.desks.catalog import listing, questions
from db.offered import OFFERED
from domain.catalog.gates import check
from domain.content.fields import is_money, plain_name, sku_of
from domain.errors import DomainError
from domain.launch.sameness import same


def accept(
    tx: Connection, connection_id: str, product_id: str, name: str, shown: Any, *, by: catalog.Author, now: datetime
) -> None:
    """DomainError where no override makes the form say this, or where it would sell below the floor; nothing is kept then."""
    sku = sku_of(name)
    own = (
        _price(tx, connection_id, product_id, name, shown)
        if is_money(name)
        else _values(tx, connection_id, name, shown)
    )
    patch: Mapping[str, Any] = {"overrides": {connection_id: own}}
    catalog.merge(tx, product_id, {"variants": {sku: patch}} if sku else patch, by=by, now=now)
    checked = check(questions(tx, [product_id], connection_id, now)[product_id])
    made = flat(listing(checked.filled, is_new=False))
    if name in made and not same(name, made[name], shown):
        raise DomainError(
            "cannot_accept",
            f"{name}: the form of {connection_id} makes another value of it; repair it, or give the field to the channel "
            "(owner: channel) in the form",
        )
    below = next((one for one in checked.findings if one.gate == "price_floor" and one.sku == sku and one.stops), None)
    if is_money(name) and below:
        raise DomainError("below_floor", f"{name}: {below.text}; repair it, or have the floor changed first")


def _values(tx: Connection, connection_id: str, name: str, shown: Any) -> dict[str, Any]:
    """Overrides by the form's own names of the field; what is empty there is left to the channel."""
    field = plain_name(name)
    if name == "media":
        return {"media": {"value": shown} if shown else {"owner": "channel"}}
    form = channel_forms.active(tx, connection_id)
    rules = form.variants if sku_of(name) else form.fields
    names = [rule.to for rule in rules if rule.to.split(".", 1)[0].removesuffix("[]") == field]
    if not names or any(each.endswith("[]") for each in names):
        raise DomainError(
            "cannot_accept",
            f"{name}: no single field of the form makes it; repair it, or change the form of {connection_id}",
        )
    return {each: _override(_within(shown, each.split(".")[1:])) for each in names}


def _override(value: Any) -> dict[str, Any]:
    return {"owner": "channel"} if value in (None, "", [], {}) else {"value": value}


def _within(value: Any, path: list[str]) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _price(tx: Connection, connection_id: str, product_id: str, name: str, shown: Any) -> dict[str, Any]:
    """Both prices of the variant, since one override tells them."""
    this = (OFFERED.c.connection_id == connection_id, OFFERED.c.product_id == product_id)
    known = dict(tx.execute(select(OFFERED.c.confirmed).where(*this)).scalar_one()) | {name: shown}
    place = name.rpartition("/")[0]
    price, compare_at = known.get(f"{place}/price"), known.get(f"{place}/compare_at")
    if not price:
        raise DomainError("cannot_accept", f"{name}: the channel shows no price; repair it")
    value = dict(price) | ({"compare_at_minor": compare_at["amount_minor"]} if compare_at else {})
    return {"price": {"value": value}}
