"""What happens in the merchant's shops: the account is set up, the till sells, the staff count."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from sandbox.square.account_api import add_subscription
from sandbox.square.inventory import Inventory
from sandbox.square.news import News
from sandbox.square.state import SCOPES, Account, Body, now


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewLocation(Asked):
    id: str
    name: str
    country: str = "DE"
    postal_code: str = ""


class NewAccount(Asked):
    """The account anew; `stock` is SKU → location → units, `subscription` what a developer has registered by hand."""

    token: str = "square-sandbox-token"  # noqa: S105 - the simulated platform's, known to everyone
    scopes: tuple[str, ...] = SCOPES
    locations: tuple[NewLocation, ...] = ()
    stock: dict[str, dict[str, int]] = {}
    subscription: dict[str, Any] | None = None


class Sale(Asked):
    location: str
    lines: dict[str, int] = Field(description="SKU → units")
    fulfillment: str | None = Field(default=None, description="SHIPMENT or PICKUP: no sale over the counter")
    state: str = "COMPLETED"


class ShelfCount(Asked):
    sku: str
    location: str
    quantity: int


def control(
    account: Callable[[], Account], open_with: Callable[[Account], None], inventory: Inventory, news: News
) -> APIRouter:
    router = APIRouter()

    @router.post("/account")
    async def open_account(given: NewAccount) -> Mapping[str, Any]:
        opened = _opened(given)
        open_with(opened)
        return {"items": {sku: item for item, sku in opened.variations.items()}}

    _shop_floor(router, account, inventory, news)

    @router.get("/stock")
    async def stock() -> Mapping[str, Mapping[str, int]]:
        """SKU → location → units, as the till shows them."""
        at = account()
        shown: dict[str, dict[str, int]] = {sku: {} for sku in at.variations.values()}
        for (item, place), count in at.counts.items():
            shown[at.variations[item]][place] = int(count["quantity"])
        return shown

    @router.get("/subscriptions")
    async def subscriptions() -> list[Body]:
        """With their signature keys, as the developer's dashboard shows them."""
        return list(account().subscriptions.values())

    @router.delete("/subscriptions")
    async def disable_subscriptions() -> None:
        for one in account().subscriptions.values():
            one["enabled"] = False

    return router


def _shop_floor(router: APIRouter, account: Callable[[], Account], inventory: Inventory, news: News) -> None:
    @router.post("/sales")
    async def sell(given: Sale) -> Body:
        """The till takes the money and the goods leave; Square lowers its own number by itself."""
        order = _order(account(), given)
        news.order(order, "created")
        if order["state"] == "COMPLETED":
            for line in order["line_items"]:
                news.count(_taken(account(), line, given.location))
            news.order(order, "updated")
        return order

    @router.post("/counts")
    async def count_shelf(given: ShelfCount) -> Body:
        """The staff count a shelf at the till."""
        counted = {
            "catalog_object_id": _item(account(), given.sku), "location_id": given.location, "state": "IN_STOCK",
            "quantity": str(given.quantity), "occurred_at": now(),
        }  # fmt: skip
        return inventory.apply({"type": "PHYSICAL_COUNT", "physical_count": counted})


def _opened(given: NewAccount) -> Account:
    opened = Account(token=given.token, scopes=given.scopes)
    for place in given.locations:
        opened.locations[place.id] = {
            "id": place.id, "name": place.name, "country": place.country, "status": "ACTIVE",
            "address": {"postal_code": place.postal_code, "country": place.country}, "merchant_id": opened.merchant_id,
        }  # fmt: skip
    for sku, by_place in given.stock.items():
        opened.variations[f"VAR-{sku}"] = sku
        for place_id, units in by_place.items():
            opened.put(f"VAR-{sku}", place_id, units)
    if given.subscription:
        add_subscription(opened, given.subscription)
    opened.committed.clear()
    return opened


def _order(account: Account, given: Sale) -> Body:
    at = now()
    order = {
        "id": account.new_id("ORD"), "location_id": given.location, "state": given.state, "version": 1,
        "source": {"name": "Point of Sale"}, "created_at": at, "updated_at": at,
        "line_items": [
            {"uid": account.new_id("L"), "catalog_object_id": _item(account, sku), "quantity": str(units), "name": sku,
             "item_type": "ITEM"}
            for sku, units in given.lines.items()
        ],
        "total_money": {"amount": 1000 * sum(given.lines.values()), "currency": "EUR"},
    }  # fmt: skip
    if given.state == "COMPLETED":
        order["closed_at"] = at
    if given.fulfillment:
        order["fulfillments"] = [{"uid": account.new_id("F"), "type": given.fulfillment, "state": "PROPOSED"}]
    account.orders[str(order["id"])] = order
    account.commit("sale", str(order["id"]))
    return order


def _taken(account: Account, line: Body, place: str) -> Body:
    item = line["catalog_object_id"]
    return account.put(item, place, (account.units(item, place) or 0) - int(line["quantity"]))


def _item(account: Account, sku: str) -> str:
    item = account.item_of(sku)
    if item is None:
        raise HTTPException(404, f"{sku!r} is not in the catalog")
    return item
