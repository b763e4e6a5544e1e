"""Returns as the shop shows them to the buyer; goods and money are counted by the hub."""

from collections.abc import Iterable

from connectors.contract import ReturnRequest, ShownReturn
from connectors.errors import ItemReason, NotFoundAtChannelError, RejectedError
from connectors.shopify import documents
from connectors.shopify.answers import (
    OneOrder,
    OneReturn,
    OrderReturns,
    Returnable,
    Returned,
    ReturnLine,
    ShopReturn,
)
from connectors.shopify.client import ShopifyClient, gid, order_in, refused

REASONS = frozenset(
    [
        "COLOR",
        "DEFECTIVE",
        "NOT_AS_DESCRIBED",
        "OTHER",
        "SIZE_TOO_LARGE",
        "SIZE_TOO_SMALL",
        "STYLE",
        "UNKNOWN",
        "UNWANTED",
        "WRONG_ITEM",
    ]
)


DEAD = frozenset({"CANCELED", "DECLINED"})
"""A return that Shopify does not open again."""


class Returns:
    """Our reference travels as the note of each line's reason: it is the only text that a return keeps and shows."""

    def __init__(self, client: ShopifyClient) -> None:
        self._client = client

    async def open(self, request: ReturnRequest) -> ShownReturn:
        """Approve what the buyer asked for at the shop, or make a return; Shopify has no key here, so it looks first."""
        if found := await self._find(request):
            if found.status == "REQUESTED":
                return await self._approved(found)
            if found.status == "CLOSED" and request.again:
                return await self._reopened(found)
            if not (found.status in DEAD and request.again):
                return found.shown
        given = {
            "orderId": gid("Order", request.order_external_id),
            "returnLineItems": _lines(request, await self._returnable(request)),
        }
        done = await self._client.tell(documents.OPEN_RETURN, Returned, input=given)
        if done.made is None:
            if found := await self._find(request):  # a repeat takes units that its first try took
                return found.shown
            raise refused("open the return", done.errors)
        return (await self._whole(done.made.id)).shown

    async def _approved(self, found: ShopReturn) -> ShownReturn:
        done = await self._client.tell(documents.APPROVE_RETURN, Returned, input={"id": found.id})
        return await self._read_back(found, done, {"OPEN", "CLOSED"}, "approve the return")

    async def _reopened(self, found: ShopReturn) -> ShownReturn:
        done = await self._client.tell(documents.REOPEN_RETURN, Returned, id=found.id)
        return await self._read_back(found, done, {"OPEN"}, "reopen the return")

    async def decline(self, request: ReturnRequest) -> ShownReturn:
        found = await self._known(request)
        if found.status == "DECLINED":
            return found.shown
        given = {"id": found.id, "declineReason": "OTHER", "notifyCustomer": request.notify_buyer}
        done = await self._client.tell(documents.DECLINE_RETURN, Returned, input=given)
        return await self._read_back(found, done, {"DECLINED"}, "decline the return")

    async def process(self, request: ReturnRequest) -> ShownReturn:
        """Units are totals: only what the shop does not show yet is added, without restock and without money."""
        found = await self._known(request)
        missing = _unprocessed(found, request)
        if not missing:
            return found.shown
        lines = [{"id": line.id, "quantity": units} for line, units in missing]
        given = {"returnId": found.id, "returnLineItems": lines, "notifyCustomer": request.notify_buyer}
        done = await self._client.tell(documents.PROCESS_RETURN, Returned, input=given)
        if done.errors or done.made is None:
            raise refused("process the return", done.errors)
        return (await self._whole(found.id)).shown

    async def close(self, request: ReturnRequest) -> ShownReturn:
        found = await self._known(request)
        if found.status == "CLOSED":
            return found.shown
        done = await self._client.tell(documents.CLOSE_RETURN, Returned, id=found.id)
        return await self._read_back(found, done, {"CLOSED"}, "close the return")

    async def find(self, request: ReturnRequest) -> ShownReturn | None:
        found = await self._find(request)
        return found.shown if found else None

    async def must_be_refundable(self, order_external_id: str, return_external_id: str) -> None:
        """A refund for a return that the order does not have, or that came to nothing, is refused before any money moves."""
        shown = await self.find(ReturnRequest(reference="", order_external_id="", external_id=return_external_id))
        if shown is None or shown.order_external_id != order_external_id:
            raise _wrong_return("the order has no such return", "return_unknown")
        if shown.status in {"declined", "canceled"}:
            raise _wrong_return(f"the return is {shown.status}", f"return_{shown.status}")

    async def _read_back(self, found: ShopReturn, done: Returned, wanted: set[str], what: str) -> ShownReturn:
        """What the shop shows decides: a repeat whose first answer was lost is refused, though it is done."""
        shown = await self._whole(found.id)
        if shown.status not in wanted:
            raise refused(what, done.errors)
        return shown.shown

    async def _known(self, request: ReturnRequest) -> ShopReturn:
        found = await self._find(request)
        if found is None:
            raise NotFoundAtChannelError("Shopify does not know this return")
        return found

    async def _find(self, request: ReturnRequest) -> ShopReturn | None:
        if request.external_id:
            try:
                named = await self._whole(gid("Return", request.external_id))
            except NotFoundAtChannelError:
                return None
            if not (request.again and named.status in DEAD):
                return named
        return await self._by_reference(request)

    async def _by_reference(self, request: ReturnRequest) -> ShopReturn | None:
        """Of those that carry our reference the one that lives: what was canceled stays, and another takes its place."""
        dead: ShopReturn | None = None
        after, order = None, gid("Order", request.order_external_id)
        while True:
            answer = await self._client.ask(documents.RETURNS, OneOrder[OrderReturns], id=order, after=after)
            returns = order_in(answer).returns
            for found in returns.nodes:
                if not any(line.note == request.reference for line in found.lines.nodes):
                    continue
                whole = await self._whole(found.id)
                if whole.status not in DEAD:
                    return whole
                dead = dead or whole
            if not returns.page.next:
                return dead
            after = returns.page.cursor

    async def _whole(self, return_id: str) -> ShopReturn:
        """With all its lines, however many pages they take."""
        lines: list[ReturnLine] = []
        after = None
        while True:
            found = (await self._client.ask(documents.RETURN, OneReturn, id=return_id, after=after)).found
            if found is None:
                raise NotFoundAtChannelError("Shopify does not know this return")
            lines += found.lines.nodes
            if not found.lines.page.next:
                return found.model_copy(update={"all_lines": tuple(lines)})
            after = found.lines.page.cursor

    async def _returnable(self, request: ReturnRequest) -> list[tuple[str, str, int]]:
        """(fulfillment line, order line, units) that were shipped and are in no return yet."""
        pages = self._client.pages(
            documents.RETURNABLE,
            Returnable,
            lambda answer: answer.returnable,
            order=gid("Order", request.order_external_id),
        )
        return [
            (kept.at.id, kept.at.line.number, kept.quantity)
            async for shipment in pages
            for kept in shipment.lines.nodes
        ]


def _lines(request: ReturnRequest, returnable: Iterable[tuple[str, str, int]]) -> list[dict[str, object]]:
    """The wanted units, taken from the parcels that they left in; RejectedError names a line that has too few."""
    parcels = list(returnable)
    left = {at: units for at, _line, units in parcels}
    given: list[dict[str, object]] = []
    for line, units, reason in request.lines:
        open_units = units
        for at in (at for at, of_line, _ in parcels if of_line == line):
            taken = min(open_units, left[at])
            if taken:
                left[at] -= taken
                open_units -= taken
                code = reason.upper() if reason.upper() in REASONS else "OTHER"
                given.append(
                    {
                        "fulfillmentLineItemId": at,
                        "quantity": taken,
                        "returnReason": code,
                        "returnReasonNote": request.reference,
                    }
                )
        if open_units:
            item = ItemReason(item=line, code="not_returnable")
            text = f"{open_units} of {units} units of a line were not shipped or are in another return"
            raise RejectedError("Shopify cannot take so many units back", text, reasons=(item,))
    return given


def _unprocessed(found: ShopReturn, request: ReturnRequest) -> list[tuple[ReturnLine, int]]:
    """What must be added so that each order line reaches its total."""
    added: list[tuple[ReturnLine, int]] = []
    for line, units, _reason in request.lines:
        mine = [kept for kept in found.all_lines if kept.order_line == line]
        missing = units - sum(kept.processed for kept in mine)
        for kept in mine:
            now = min(missing, kept.quantity - kept.processed)
            if now > 0:
                added.append((kept, now))
                missing -= now
        if missing > 0:
            item = ItemReason(item=line, code="more_than_returned")
            raise RejectedError("the return at Shopify has fewer units", f"{missing} units too many", reasons=(item,))
    return added


def _wrong_return(text: str, code: str) -> RejectedError:
    return RejectedError(text, reasons=(ItemReason(item="return_external_id", code=code),))
