"""The two addresses that touch the session cookie: a ticket becomes the cookie, and signing out ends it."""

from __future__ import annotations

from fastapi import Request, Response
from nicegui import Client, app

from console.session import COOKIE, TICKETS, Session

LIVES_S = 30 * 24 * 3600
"""The longest that a browser keeps it; the hub ends the session long before."""


@app.post("/session", include_in_schema=False)
async def keep(request: Request) -> Response:
    """Put the token of a ticket into the cookie."""
    token = TICKETS.redeem((await request.body()).decode(errors="replace"))
    if token is None:
        return Response(status_code=410)
    answer = Response(status_code=204)
    secure = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
    answer.set_cookie(COOKIE, token, max_age=LIVES_S, httponly=True, samesite="lax", secure=secure)
    return answer


@app.delete("/session", include_in_schema=False)
async def end(_request: Request) -> Response:
    """Forget the cookie."""
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE)
    return answer


@app.post("/session/adopt", include_in_schema=False)
async def adopt(request: Request) -> Response:
    """Give the open page (its id is the body) the session that another tab has signed in to since."""
    client = Client.instances.get((await request.body()).decode(errors="replace"))
    session = getattr(client, "tutti_session", None)
    token = request.cookies.get(COOKIE, "")
    if not isinstance(session, Session) or not token or token == session.token:
        return Response(status_code=409)
    session.token = token
    return Response(status_code=204)


async def put_into_cookie(client: Client, token: str) -> None:
    """Have the page's browser keep the token."""
    ticket = TICKETS.issue(token)
    await client.run_javascript(f"await fetch('/session', {{method: 'POST', body: '{ticket}'}})", timeout=10)
