"""The platform's rules for returns: units of shipments, each in one return at most; nothing is restocked or refunded."""

from collections.abc import Iterator

from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.state import Body, Fulfillment, Order, Return, ReturnLine, Shop, gid, number

LIVE = {"OPEN", "REQUESTED", "CLOSED"}


def find(shop: Shop, global_id: str) -> Return:
    found = shop.returns.get(number(global_id))
    if found is None:
        raise RefusedError("Return not found.", "returnId", code="NOT_FOUND")
    return found


def of_order(shop: Shop, order: Order) -> list[Return]:
    return [made for made in shop.returns.values() if made.order is order]


def line_id(shipment: Fulfillment, line: Body) -> str:
    return gid("FulfillmentLineItem", f"{shipment.id}{line['id']}")


def returnable(shop: Shop, order: Order) -> Iterator[tuple[Fulfillment, list[tuple[Body, int]]]]:
    """Each shipment with the units of its lines that are in no return."""
    for shipment in order.fulfillments:
        if shipment.status == "SUCCESS":
            left = [(line, units - _taken(shop, order, line_id(shipment, line))) for line, units in shipment.lines]
            yield shipment, [(line, units) for line, units in left if units > 0]


def _taken(shop: Shop, order: Order, fulfillment_line: str) -> int:
    live = (made for made in of_order(shop, order) if made.status in LIVE)
    return sum(line.quantity for made in live for line in made.lines if line.fulfillment_line == fulfillment_line)


def create(shop: Shop, order: Order, wanted: list[Body], *, status: str = "OPEN") -> Return:
    parcels = list(returnable(shop, order))
    left = {line_id(shipment, line): (line, units) for shipment, lines in parcels for line, units in lines}
    lines = []
    for given in wanted:
        line, units = left.get(given["fulfillmentLineItemId"], ({}, 0))
        if not 0 < given["quantity"] <= units:
            raise RefusedError("Quantity is greater than the returnable quantity.", "returnLineItems", code="INVALID")
        left[given["fulfillmentLineItemId"]] = line, units - given["quantity"]
        lines.append(_line(shop, line, given))
    if not lines:
        raise RefusedError("Return line items can't be blank.", "returnLineItems", code="INVALID")
    name = f"{order.body['name']}-R{len(of_order(shop, order)) + 1}"
    made = Return(shop.new_id(), name, order, lines, status)
    shop.returns[made.id] = made
    shop.commit("return", reference(made))
    return made


def reference(made: Return) -> str:
    """Order | lines × units | note: what two returns must not share."""
    units = ",".join(f"{line.line['id']}x{line.quantity}" for line in made.lines)
    return f"{made.order.id}|{units}|{made.lines[0].note}"


def _line(shop: Shop, line: Body, given: Body) -> ReturnLine:
    return ReturnLine(
        shop.new_id(),
        given["fulfillmentLineItemId"],
        line,
        given["quantity"],
        given.get("returnReason") or "UNKNOWN",
        given.get("returnReasonNote") or "",
    )


def move(shop: Shop, made: Return, status: str, *allowed: str) -> Return:
    """Change the status, from one that allows it."""
    if made.status not in allowed:
        raise RefusedError(f"Return status is {made.status.lower()}.", "id", code="INVALID_STATE")
    made.status = status
    shop.commit(f"return_{status.lower()}", str(made.id))
    return made


def process(shop: Shop, made: Return, wanted: list[Body]) -> Return:
    """Units were taken back; once all were, the return is closed."""
    if made.status != "OPEN":
        raise RefusedError(f"Return status is {made.status.lower()}.", "returnId", code="INVALID_STATE")
    lines = {line.id: line for line in made.lines}
    parts = [(lines.get(number(given["id"])), given["quantity"]) for given in wanted]
    for line, units in parts:
        if line is None or not 0 < units <= line.quantity - line.processed:
            raise RefusedError("Quantity is greater than the processable quantity.", "returnLineItems", code="INVALID")
    for line, units in parts:
        assert line
        line.processed += units
    shop.commit("return_process", f"{made.id}|{','.join(str(line.processed) for line in made.lines)}")
    if all(line.processed == line.quantity for line in made.lines):
        made.status = "CLOSED"
    return made
