"""What goes with a parcel on paper: the hub's own documents, fetched with the session of who looks."""

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import app

from console.here import address
from console.page import api_of
from console.problems import HubError, RefusedError, SignedOutError
from console.session import COOKIE, Session

KINDS = {"pick-list", "packing-slip"}
ONLY_TEXT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""A document holds no script, and names are personal data."""


@app.get("/documents/{fulfillment_order}/{kind}", include_in_schema=False)
async def document(request: Request, fulfillment_order: str, kind: str) -> Response:
    """To be printed; the hub refuses who may not, and notes who looked."""
    if kind not in KINDS:
        return HTMLResponse("There is no such document.", 404)
    token = request.cookies.get(COOKIE, "")
    if not token:
        return RedirectResponse(address("/sign-in", {"next": request.url.path}))
    api = api_of(request, Session(token))
    try:
        page = await api.get(f"/fulfillment-orders/{fulfillment_order}/{kind}")
    except SignedOutError:
        return RedirectResponse(address("/sign-in", {"next": request.url.path}))
    except RefusedError as problem:
        return Response(str(problem), problem.status, media_type="text/plain")
    except HubError as problem:
        return Response(f"{problem.title}: {problem}", 503, media_type="text/plain")
    return HTMLResponse(page, headers=ONLY_TEXT)
