"""What holds for every request before any route sees it: size, headers, and no traceback to the outside."""

import secrets
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ProblemError, problem_response

_LOG = structlog.get_logger(__name__)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


class Shield:
    """ASGI middleware; webhooks have a limit of their own, since platforms send whole orders."""

    def __init__(self, app: ASGIApp, *, body_limit: int, webhook_limit: int) -> None:
        self._app = app
        self._body_limit = body_limit
        self._webhook_limit = webhook_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        limit = self._webhook_limit if scope["path"].startswith("/webhooks/") else self._body_limit
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > limit:
            refusal = _too_large(limit)
            await problem_response(refusal.status_code, refusal.code, refusal.detail)(scope, receive, answer)
            return
        try:
            # a declared length is enforced by the server; only a body without one must be counted
            await self._app(scope, receive if length else _counted(receive, limit), answer)
        except Exception:  # noqa: BLE001 the last place that can turn it into an answer
            await _failed(scope, receive, answer)


class _Answer:
    """`send` that adds the headers and remembers that the answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return counting


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, "content_too_large", f"the body is larger than {limit} bytes; send less at a time")


async def _failed(scope: Scope, receive: Receive, answer: Any) -> None:
    """Log the failure under an id that the caller is told; the text itself may hold anything, so it stays inside."""
    error_id = f"err_{secrets.token_hex(6)}"
    _LOG.exception("request failed", error_id=error_id, method=scope["method"], path=scope["path"])
    if answer.begun:
        raise  # noqa: PLE0704 called from the except clause: the server must cut the broken answer off
    detail = f"the hub failed; its log has the reason under {error_id}"
    await problem_response(500, "internal_error", detail, error_id=error_id)(scope, receive, answer)
