"""The search of the top bar: straight to the one order that is meant, else to the list that fits."""

from fastapi.responses import RedirectResponse
from nicegui import ui
from starlette.requests import Request

from console.api import Api
from console.here import address
from console.page import api_of
from console.problems import HubError
from console.session import COOKIE, Session


@ui.page("/search", title="Search · Tutti", response_timeout=10)
async def search(request: Request, q: str = "") -> RedirectResponse:
    """An order's number, id, tracking number or buyer's e-mail address; otherwise a SKU."""
    wanted = q.strip()
    token = request.cookies.get(COOKIE, "")
    if not wanted or not token:
        return RedirectResponse("/orders")
    try:
        return RedirectResponse(await _place(api_of(request, Session(token)), wanted))
    except HubError:
        return RedirectResponse(address("/orders", {"q": wanted}))


async def _place(api: Api, wanted: str) -> str:
    found = (await api.get("/orders", q=wanted, limit=2))["orders"]
    if len(found) == 1:
        return f"/orders/{found[0]['id']}"
    if not found and (await api.get("/orders", sku=wanted, limit=1))["orders"]:
        return address("/orders", {"sku": wanted})
    return address("/orders", {"q": wanted})
