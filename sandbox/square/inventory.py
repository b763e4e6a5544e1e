"""Stock of the simulated account: counts, movements, and idempotency keys that remember what they did."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.square.gateway import Gateway, SquareRefusal, paged
from sandbox.square.news import News
from sandbox.square.state import Account, Body, now

MOVES = {
    ("NONE", "IN_STOCK"): +1,
    ("IN_STOCK", "SOLD"): -1,
    ("IN_STOCK", "WASTE"): -1,
    ("UNLINKED_RETURN", "IN_STOCK"): +1,
}
OLDEST = timedelta(hours=24)


class Inventory:
    """Handlers of /v2/inventory."""

    def __init__(self, gateway: Gateway, account: Any, news: News) -> None:
        self._account = account
        self._gateway = gateway
        self._news = news
        self.routes: Sequence[Route] = [
            gateway.route("POST", "/v2/inventory/counts/batch-retrieve", "BatchRetrieveInventoryCounts", self.counts),
            gateway.route(
                "POST", "/v2/inventory/changes/batch-retrieve", "BatchRetrieveInventoryChanges", self.changes
            ),
            gateway.route("POST", "/v2/inventory/changes/batch-create", "BatchChangeInventory", self.change),
        ]

    def counts(self, _request: Request, body: Any) -> Response:
        account: Account = self._account()
        is_stale = self._gateway.is_stale("BatchRetrieveInventoryCounts")
        shown = account.counts | account.earlier if is_stale else account.counts
        items, places, states = (set(body.get(name) or ()) for name in ("catalog_object_ids", "location_ids", "states"))
        found = [
            count
            for count in shown.values()
            if _in(count["catalog_object_id"], items)
            and _in(count["location_id"], places)
            and _in(count["state"], states)
        ]
        return JSONResponse(paged(found, body.get("cursor"), body.get("limit"), "counts"))

    def changes(self, _request: Request, body: Any) -> Response:
        account: Account = self._account()
        after = body.get("updated_after") or ""
        found = [
            change
            for change in account.changes
            if _in(change["type"], body.get("types")) and _details(change)["created_at"] >= after
        ]
        return JSONResponse(paged(found, body.get("cursor"), body.get("limit"), "changes"))

    def change(self, _request: Request, body: Any) -> Response:
        """All or nothing; a key that comes again with the same body is answered as before and does nothing."""
        account: Account = self._account()
        key, asked = body.get("idempotency_key"), json.dumps(body, sort_keys=True)
        if not key or len(key) > 128:
            raise SquareRefusal("MISSING_REQUIRED_PARAMETER", field="idempotency_key")
        if key in account.answered:
            known, answer = account.answered[key]
            if known != asked:
                raise SquareRefusal("IDEMPOTENCY_KEY_REUSED", field="idempotency_key")
            return JSONResponse(answer)
        changes = body.get("changes") or []
        if len(changes) > 100:
            raise SquareRefusal("ARRAY_LENGTH_TOO_LONG", field="changes")
        for number, change in enumerate(changes):
            _check(account, change, number)
        counts = [self.apply(change) for change in changes]
        answer = {"counts": counts, "changes": [], "errors": []}
        account.answered[key] = (asked, answer)
        account.commit("inventory", key)
        return JSONResponse(answer)

    def apply(self, change: Body) -> Body:
        """Book one change, of the API or of the staff, and tell it."""
        account: Account = self._account()
        kind = "physical_count" if change["type"] == "PHYSICAL_COUNT" else "adjustment"
        details = {
            "id": account.new_id("IC"),
            "catalog_object_type": "ITEM_VARIATION",
            "created_at": now(),
            **change[kind],
        }
        account.changes.append({"type": change["type"], kind: details})
        item, location = details["catalog_object_id"], details["location_id"]
        units = int(details["quantity"])
        if kind == "adjustment":
            units = (account.units(item, location) or 0) + units * MOVES[details["from_state"], details["to_state"]]
        count = account.put(item, location, units)
        self._news.count(count)
        return count


def _check(account: Account, change: Body, number: int) -> None:
    where = f"changes[{number}]"
    kind = {"PHYSICAL_COUNT": "physical_count", "ADJUSTMENT": "adjustment"}.get(change.get("type", ""))
    details = change.get(kind or "", {})
    if details.get("catalog_object_id") not in account.variations:
        raise SquareRefusal("NOT_FOUND", 404 if number < 0 else 400, f"{where}.{kind}.catalog_object_id")
    if details.get("location_id") not in account.locations:
        raise SquareRefusal("INVALID_VALUE", field=f"{where}.{kind}.location_id")
    if len(details.get("reference_id") or "") > 40:
        raise SquareRefusal("VALUE_TOO_LONG", field=f"{where}.{kind}.reference_id")
    if not str(details.get("quantity", "")).isdecimal():
        raise SquareRefusal("INVALID_VALUE", field=f"{where}.{kind}.quantity")
    at = datetime.fromisoformat(details.get("occurred_at", "1970-01-01T00:00:00Z"))
    if not datetime.now(UTC) - OLDEST <= at <= datetime.now(UTC) + timedelta(minutes=1):
        raise SquareRefusal("INVALID_TIME", field=f"{where}.{kind}.occurred_at")
    if kind == "adjustment" and (details.get("from_state"), details.get("to_state")) not in MOVES:
        raise SquareRefusal("INVALID_VALUE", field=f"{where}.adjustment.to_state")


def _details(change: Body) -> Body:
    details: Body = change.get("physical_count") or change["adjustment"]
    return details


def _in(value: Any, wanted: Any) -> bool:
    return not wanted or value in wanted
