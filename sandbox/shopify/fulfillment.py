"""The platform's rules for fulfillment orders: who ships what from where, and what has left."""

from sandbox.shopify.state import Body, Fulfillment, FulfillmentOrder, Level, Order, Shop, Work, now, number


class RefusedError(Exception):
    """The platform's "no" to a mutation: it becomes a user error, nothing has changed."""

    def __init__(self, message: str, *field: str, code: str | None = None) -> None:
        super().__init__(message)
        self.field = list(field) or None
        self.code = code


def route(shop: Shop, order: Order) -> None:
    """Make the fulfillment orders of a new order: like the platform, from the first place that keeps the goods."""
    groups: dict[tuple[int, str], list[Work]] = {}
    for line in order.body["line_items"]:
        if units := line["fulfillable_quantity"]:
            key = _place(shop, order, line), _method(order, line)
            groups.setdefault(key, []).append(Work(shop.new_id(), line, units, units))
    for (location_id, method), works in groups.items():
        add(shop, FulfillmentOrder(shop.new_id(), order, location_id, method, works))
        for work in works:
            _commit_stock(shop, work.line, location_id, work.remaining)


def add(shop: Shop, work_order: FulfillmentOrder) -> FulfillmentOrder:
    shop.fulfillment_orders[work_order.id] = work_order
    work_order.order.fulfillment_orders.append(work_order)
    return work_order


def _place(shop: Shop, order: Order, line: Body) -> int:
    asked = order.body.get("location_id")
    if asked in shop.locations:
        return int(asked)
    keeping = (place for place in shop.locations if shop.level_of(line, place))
    return next(keeping, next(iter(shop.locations), 0))


def _method(order: Order, line: Body) -> str:
    if not line.get("requires_shipping", True):
        return "NONE"
    categories = {shipping.get("delivery_category") for shipping in order.body.get("shipping_lines") or ()}
    return "PICK_UP" if "pick_up" in categories else "SHIPPING"


def _commit_stock(shop: Shop, line: Body, location_id: int, units: int) -> None:
    if level := shop.level_of(line, location_id):
        shop.move(level, units)


def find(shop: Shop, global_id: str) -> FulfillmentOrder:
    found = shop.fulfillment_orders.get(number(global_id))
    if found is None:
        raise RefusedError("Fulfillment order does not exist.", "id", code="FULFILLMENT_ORDER_NOT_FOUND")
    return found


def create(shop: Shop, given: Body) -> Fulfillment:
    """Ship lines of one order from one location; whole fulfillment orders where no lines are named."""
    parts = given["lineItemsByFulfillmentOrder"]
    works = [(find(shop, part["fulfillmentOrderId"]), part.get("fulfillmentOrderLineItems")) for part in parts]
    _check(works)
    taken = [(work, units) for work_order, lines in works for work, units in _wanted(work_order, lines)]
    first = works[0][0]
    order = first.order
    fulfillment = Fulfillment(
        shop.new_id(),
        f"{order.body['name']}-F{len(order.fulfillments) + 1}",
        order,
        first.location_id,
        [(work.line, units) for work, units in taken],
        _tracking(given.get("trackingInfo") or {}),
    )
    for work, units in taken:
        work.remaining -= units
        work.line["fulfillable_quantity"] = max(0, work.line["fulfillable_quantity"] - units)
        if level := shop.level_of(work.line, first.location_id):
            level.committed -= units
    for work_order, _ in works:
        work_order.status = "IN_PROGRESS" if any(work.remaining for work in work_order.lines) else "CLOSED"
    shop.fulfillments[fulfillment.id] = fulfillment
    order.fulfillments.append(fulfillment)
    shop.commit("fulfillment", reference(fulfillment))
    return fulfillment


def reference(fulfillment: Fulfillment) -> str:
    """Order | lines × units | tracking numbers: what two shipments must not share."""
    lines = ",".join(f"{line['id']}x{units}" for line, units in sorted(fulfillment.lines, key=lambda at: at[0]["id"]))
    numbers = ",".join(info["number"] or "" for info in fulfillment.tracking)
    return f"{fulfillment.order.id}|{lines}|{numbers}"


def _check(works: list[tuple[FulfillmentOrder, list[Body] | None]]) -> None:
    if not works:
        raise RefusedError("Fulfillment orders can't be blank.", "fulfillment", "lineItemsByFulfillmentOrder")
    for work_order, _ in works:
        if not work_order.is_workable:
            text = f"Fulfillment order {work_order.id} has an unfulfillable status= {work_order.status.lower()}."
            raise RefusedError(text, "fulfillment")
    if len({work_order.order.id for work_order, _ in works}) > 1:
        raise RefusedError("All fulfillment orders must belong to the same order.", "fulfillment")
    if len({work_order.location_id for work_order, _ in works}) > 1:
        raise RefusedError("All fulfillment orders must be assigned to the same location.", "fulfillment")


def _wanted(work_order: FulfillmentOrder, lines: list[Body] | None) -> list[tuple[Work, int]]:
    if not lines:
        return [(work, work.remaining) for work in work_order.lines if work.remaining]
    works = {work.id: work for work in work_order.lines}
    wanted = []
    for line in lines:
        work = works.get(number(line["id"]))
        if work is None or not 0 < line["quantity"] <= work.remaining:
            text = "Invalid fulfillment order line item quantity requested."
            raise RefusedError(text, "fulfillment", code="INVALID_LINE_ITEM_QUANTITY")
        wanted.append((work, line["quantity"]))
    return wanted


def _tracking(given: Body) -> list[dict[str, str | None]]:
    numbers = given.get("numbers") or [given.get("number")]
    urls = given.get("urls") or [given.get("url")]
    urls += [None] * (len(numbers) - len(urls))
    company = given.get("company")
    pairs = zip(numbers, urls, strict=False)
    return [{"company": company, "number": text, "url": url} for text, url in pairs if text or url or company]


def track(shop: Shop, global_id: str, given: Body) -> Fulfillment:
    fulfillment = shop.fulfillments.get(number(global_id))
    if fulfillment is None:
        raise RefusedError("Fulfillment does not exist.", "fulfillmentId")
    fulfillment.tracking = _tracking(given)
    fulfillment.updated_at = now()
    shop.commit("tracking", reference(fulfillment))
    return fulfillment


def cancel(shop: Shop, global_id: str) -> Fulfillment:
    """Void a shipment; its units can be shipped again, in a new fulfillment order at the same place."""
    fulfillment = shop.fulfillments.get(number(global_id))
    if fulfillment is None or fulfillment.status == "CANCELLED":
        raise RefusedError("Fulfillment cannot be cancelled.", "id")
    fulfillment.status = "CANCELLED"
    fulfillment.updated_at = now()
    works = [Work(shop.new_id(), line, units, units) for line, units in fulfillment.lines]
    add(shop, FulfillmentOrder(shop.new_id(), fulfillment.order, fulfillment.location_id, "SHIPPING", works))
    for line, units in fulfillment.lines:
        line["fulfillable_quantity"] += units
        if level := shop.level_of(line, fulfillment.location_id):
            level.committed += units
    shop.commit("fulfillment_cancel", reference(fulfillment))
    return fulfillment


def move(shop: Shop, global_id: str, location: str, lines: list[Body] | None) -> tuple[FulfillmentOrder, ...]:
    """Assign open units to another place: (the original, the one that now holds them; the same if all moved)."""
    original = find(shop, global_id)
    target = shop.locations.get(number(location))
    if target is None:
        raise RefusedError("Location does not exist.", "newLocationId")
    if not original.is_workable:
        raise RefusedError("Fulfillment order can't be moved in its current state.", "id")
    wanted = _wanted(original, lines)
    if any(_keeps(shop, work.line) and not shop.level_of(work.line, target.id) for work, _ in wanted):
        raise RefusedError("The location doesn't stock the requested inventory item.", "newLocationId")
    moved = original if _is_whole(original, wanted) else _split_off(shop, original, wanted)
    for work in moved.lines:
        _shift(
            shop, shop.level_of(work.line, original.location_id), shop.level_of(work.line, target.id), work.remaining
        )
    moved.location_id = target.id
    return original, moved if moved is original else _joined(shop, moved)


def _joined(shop: Shop, moved: FulfillmentOrder) -> FulfillmentOrder:
    """A part that comes to a place with open work of the same order: the platform closes both and makes one anew."""
    there = [
        work
        for work in moved.order.fulfillment_orders
        if work is not moved
        and work.is_workable
        and (work.location_id, work.method) == (moved.location_id, moved.method)
    ]
    if not there:
        return moved
    units: dict[int, tuple[Body, int]] = {}
    for part in (work for work_order in (*there, moved) for work in work_order.lines if work.remaining):
        units[part.line["id"]] = part.line, units.get(part.line["id"], (part.line, 0))[1] + part.remaining
        part.total -= part.remaining
        part.remaining = 0
    for work_order in (*there, moved):
        work_order.status = "CLOSED"
    works = [Work(shop.new_id(), line, count, count) for line, count in units.values()]
    fresh = FulfillmentOrder(shop.new_id(), moved.order, moved.location_id, moved.method, works)
    return add(shop, fresh)


def _keeps(shop: Shop, line: Body) -> bool:
    """Whether the line's stock is counted anywhere; bundles and gift cards have none of their own."""
    return any(shop.level_of(line, place) for place in shop.locations)


def _shift(shop: Shop, source: Level | None, target: Level | None, units: int) -> None:
    if source:
        shop.move(source, -units)
    if target:
        shop.move(target, units)


def _is_whole(original: FulfillmentOrder, wanted: list[tuple[Work, int]]) -> bool:
    taken = {work.id: units for work, units in wanted}
    return all(work.remaining == work.total == taken.get(work.id, 0) for work in original.lines)


def split(shop: Shop, given: Body) -> tuple[FulfillmentOrder, FulfillmentOrder]:
    """Take units out into a new fulfillment order: (the original, the new one)."""
    original = find(shop, given["fulfillmentOrderId"])
    if not original.is_workable:
        raise RefusedError("Fulfillment order can't be split in its current state.", code="FULFILLMENT_ORDER_NOT_FOUND")
    wanted = _wanted(original, given["fulfillmentOrderLineItems"])
    if sum(units for _, units in wanted) >= sum(work.remaining for work in original.lines):
        text = "Quantity must be less than the fulfillment order's quantity."
        raise RefusedError(text, code="INVALID_LINE_ITEM_QUANTITY")
    return original, _split_off(shop, original, wanted)


def _split_off(shop: Shop, original: FulfillmentOrder, wanted: list[tuple[Work, int]]) -> FulfillmentOrder:
    works = [Work(shop.new_id(), work.line, units, units) for work, units in wanted]
    for work, units in wanted:
        work.remaining -= units
        work.total -= units
    original.lines = [work for work in original.lines if work.total]
    if not any(work.remaining for work in original.lines):
        original.status = "CLOSED"
    fresh = FulfillmentOrder(shop.new_id(), original.order, original.location_id, original.method, works)
    return add(shop, fresh)


def hold(shop: Shop, global_id: str, reason: str, notes: str | None) -> tuple[FulfillmentOrder, Body]:
    work_order = find(shop, global_id)
    if work_order.status not in {"OPEN", "ON_HOLD"}:
        raise RefusedError("Fulfillment order can't be put on hold.", "id", code="TAKEN")
    held: Body = {"id": shop.new_id(), "reason": reason, "notes": notes}
    work_order.holds.append(held)
    work_order.status = "ON_HOLD"
    return work_order, held


def release(shop: Shop, global_id: str, hold_ids: list[str] | None) -> FulfillmentOrder:
    work_order = find(shop, global_id)
    named = {number(hold_id) for hold_id in hold_ids or ()}
    work_order.holds = [held for held in work_order.holds if named and held["id"] not in named]
    if not work_order.holds and work_order.status == "ON_HOLD":
        work_order.status = "OPEN"
    return work_order
