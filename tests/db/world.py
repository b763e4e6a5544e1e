"""A small merchant for tests of the database: connections, locations, items, orders."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from db import connections, items, locations, sourcing_rules
from db.intake import take_order
from db.items_by_sku import ALIASES
from db.order_reading import load
from db.restock import receive
from db.routing import ask, carry_out
from db.vault import Vault
from domain.channel_order import Address, BothMoney, Buyer, ChannelLine, ChannelOrder
from domain.item import Component, Item
from domain.location import Location, LocationProfile
from domain.money import Money
from domain.sourcing.engine import source
from domain.sourcing.rules import Lane, SourcingRule, SourcingRules, Zone
from runtime.keys import Keys, new_key

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEYS = Keys([new_key()])
VAULT = Vault(KEYS)


def eur(cents: int) -> BothMoney:
    amount = Money(amount_minor=cents, currency="EUR")
    return BothMoney(shop=amount, presentment=amount)


def channel_order(number: int = 1, *, delivery="ship", pickup="", **units: int) -> ChannelOrder:
    """An order of so many units by SKU (`channel_order(1, TEE=2)`), 10 EUR each."""
    lines = tuple(
        ChannelLine(
            external_id=f"{number}-{place}", sku=sku, title=sku.title(), quantity=quantity, current_quantity=quantity,
            unit_price=eur(1000), discount=eur(0), tax=eur(0),
        )
        for place, (sku, quantity) in enumerate(units.items(), start=1)
    )  # fmt: skip
    total = eur(1000 * sum(units.values()))
    return ChannelOrder(
        external_id=str(number), number=f"#{number}", placed_at=NOW, updated_at=NOW, financial="paid", lines=lines,
        subtotal=total, discounts=eur(0), shipping=eur(0), tax=eur(0), total=total,
        delivery=delivery, pickup_location_external_id=pickup,
        ship_to=Address(name="Ada Example", line1="1 Test Street", city="Berlin", postal_code="10115", country="DE"),
        buyer=Buyer(name="Ada Example", email=f"ada{number}@example.com"),
    )  # fmt: skip


RULES = SourcingRules(
    version="1", currency="EUR", rules=(SourcingRule(name="any"),),
    zones={"near": Zone(base_minor=400, transit_days=1)}, lanes=(Lane(zone="near"),),
)  # fmt: skip


def found(tx: Connection) -> None:
    """A shop at Berlin on the connection `store`, a channel `web`, and two items."""
    connections.create(tx, KEYS, "store", platform="store", config={}, now=NOW)
    connections.create(tx, KEYS, "web", platform="shopify", config={"webhook_secrets": ["first"]}, now=NOW)
    for connection_id in ("store", "web"):
        connections.change(tx, connection_id, mode="on")
    profile = LocationProfile(country="DE", postal_code="10115", timezone="Europe/Berlin", offers_pickup=True)
    locations.put(
        tx, Location(id="berlin", name="Berlin", kind="store", connection_id="store", profile=profile)
    )  # fmt: skip
    items.put(tx, Item(id="TEE", title="T-shirt", weight_g=200))
    items.put(tx, Item(id="MUG", title="Mug", weight_g=300))
    items.put(
        tx,
        Item(
            id="SET",
            title="Gift set",
            components=(Component(item_id="TEE", quantity=1), Component(item_id="MUG", quantity=2)),
        ),
    )
    for item_id in ("TEE", "MUG", "SET"):
        tx.execute(ALIASES.insert().values(sku=item_id, connection_id="", item_id=item_id, external_id=""))
    sourcing_rules.add(tx, RULES, by="test", now=NOW)
    sourcing_rules.activate(tx, "1")


def take(tx: Connection, order: ChannelOrder, now: datetime = NOW) -> str:
    """Take an order in through the connection `web`; returns its id."""
    return take_order(tx, VAULT, connections.load(tx, "web"), order, now, "test").order_id


def stock(tx: Connection, item_id: str, quantity: int, *, location_id: str = "berlin") -> None:
    receive(tx, f"test:{item_id}:{location_id}", item_id, location_id, quantity, at=NOW)


def route(tx: Connection, order_id: str, now: datetime = NOW) -> list[str]:
    """Plan and reserve; returns the fulfillment orders."""
    asked = ask(tx, load(tx, order_id), now)
    plan = source(asked.problem, asked.rules)
    carry_out(tx, asked, plan, 1, now)
    return [f"{order_id}-F{number}" for number in range(1, len(plan.parcels) + 1)]


def later(**delta: float) -> datetime:
    return NOW + timedelta(**delta)
