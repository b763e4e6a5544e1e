"""The platform's rules for stock: compare-and-swap, all of a call or nothing."""

from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.state import Body, Level, Shop, number

REASONS = frozenset(
    [
        "correction",
        "cycle_count_available",
        "damaged",
        "movement_created",
        "movement_updated",
        "other",
        "promotion",
        "quality_control",
        "received",
        "reservation_created",
        "reservation_deleted",
        "reservation_updated",
        "restock",
        "safety_stock",
        "shrinkage",
    ]
)


def set_quantities(shop: Shop, given: Body) -> list[Body]:
    """Set absolute numbers; answers what changed."""
    if given["name"] not in {"available", "on_hand"}:
        raise RefusedError("The quantity name must be available or on_hand.", "input", "name", code="INVALID_NAME")
    _check_reason(given["reason"])
    pairs = [(quantity["inventoryItemId"], quantity["locationId"]) for quantity in given["quantities"]]
    if len(set(pairs)) < len(pairs):
        code = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
        raise RefusedError("An item and location may be named once.", "input", "quantities", code=code)
    items = _items(shop)
    levels = [_level(shop, items, index, "quantities", one) for index, one in enumerate(given["quantities"])]
    name = given["name"]
    for index, (level, quantity) in enumerate(zip(levels, given["quantities"], strict=True)):
        if quantity["quantity"] < 0:
            where = "input", "quantities", str(index), "quantity"
            raise RefusedError("The quantity can't be negative.", *where, code="INVALID_QUANTITY_NEGATIVE")
        _check_expected(level, name, index, "quantities", quantity)
    wanted = [quantity["quantity"] for quantity in given["quantities"]]
    return [
        _change(shop, level, name, number_wanted - level.quantity(name))
        for level, number_wanted in zip(levels, wanted, strict=True)
    ]


def adjust_quantities(shop: Shop, given: Body) -> list[Body]:
    """Add signed numbers; answers what changed."""
    if given["name"] != "available":
        raise RefusedError("The quantity name must be available.", "input", "name", code="INVALID_QUANTITY_NAME")
    _check_reason(given["reason"])
    items = _items(shop)
    levels = [_level(shop, items, index, "changes", change) for index, change in enumerate(given["changes"])]
    for index, (level, change) in enumerate(zip(levels, given["changes"], strict=True)):
        _check_expected(level, given["name"], index, "changes", change)
    return [
        _change(shop, level, given["name"], change["delta"])
        for level, change in zip(levels, given["changes"], strict=True)
    ]


def _check_reason(reason: str) -> None:
    if reason not in REASONS:
        raise RefusedError("The specified reason is invalid.", "input", "reason", code="INVALID_REASON")


def _items(shop: Shop) -> set[int]:
    return {variant.item_id for variant in shop.variants.values()}


def _level(shop: Shop, items: set[int], index: int, where: str, given: Body) -> Level:
    item, location = number(given["inventoryItemId"]), number(given["locationId"])
    if item not in items:
        path = "input", where, str(index), "inventoryItemId"
        raise RefusedError("The specified inventory item could not be found.", *path, code="INVALID_INVENTORY_ITEM")
    level = shop.levels.get((item, location))
    if level is None:
        path = "input", where, str(index), "locationId"
        raise RefusedError("The specified location could not be found.", *path, code="INVALID_LOCATION")
    return level


def _check_expected(level: Level, name: str, index: int, where: str, given: Body) -> None:
    expected = given["changeFromQuantity"]
    if expected is not None and expected != level.quantity(name):
        path = "input", where, str(index), "changeFromQuantity"
        text = "The changeFromQuantity argument no longer matches the persisted quantity."
        raise RefusedError(text, *path, code="CHANGE_FROM_QUANTITY_STALE")


def _change(shop: Shop, level: Level, name: str, delta: int) -> Body:
    before = level.quantity(name)
    level.available += delta
    shop.commit("inventory", f"{level.item_id}@{level.location_id}:{before}->{level.quantity(name)}")
    return {"level": level, "name": name, "delta": delta, "after": level.quantity(name)}
