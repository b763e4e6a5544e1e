"""One Square account's REST API, as far as the hub calls it."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from connectors.errors import ItemReason, UnreadableError
from connectors.kit.http import HttpClient
from connectors.square.schemas import Errors, Page, Shape

S = TypeVar("S", bound=Shape)
P = TypeVar("P", bound=Page)
T = TypeVar("T")

VERSION = "2025-08-20"
MOST_PAGES = 1000
SAFE = re.compile(r"[\w.\[\]]{1,80}")

Body = Mapping[str, Any]


class SquareClient:
    """Source: https://developer.squareup.com/reference/square."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def close(self) -> None:
        await self._http.close()

    async def get(self, path: str, shape: type[S], **query: str) -> S:
        return (await self._http.read("GET", f"/v2{path}", params=query)).read(shape)

    async def ask(self, path: str, shape: type[S], body: Body) -> S:
        """A question that Square wants as a POST."""
        return (await self._http.read("POST", path, json=body)).read(shape)

    async def write(self, method: str, path: str, shape: type[S], body: Body) -> S:
        return (await self._http.write(method, f"/v2{path}", json=body)).read(shape)

    async def listed(
        self, path: str, shape: type[P], items: Callable[[P], tuple[T, ...]], **query: str
    ) -> AsyncIterator[T]:
        """Every thing of a list that is asked for by GET."""
        cursor: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = await self.get(path, shape, **query, **cursor)
            for item in items(page):
                yield item
            if not page.cursor:
                return
            cursor = {"cursor": page.cursor}
        raise _endless(path)

    async def searched(
        self, path: str, shape: type[P], items: Callable[[P], tuple[T, ...]], body: Body
    ) -> AsyncIterator[T]:
        """Every thing of a list that is asked for by POST."""
        cursor: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = await self.ask(f"/v2{path}", shape, {**body, **cursor})
            for item in items(page):
                yield item
            if not page.cursor:
                return
            cursor = {"cursor": page.cursor}
        raise _endless(path)


def _endless(path: str) -> UnreadableError:
    return UnreadableError("Square's list does not end", f"{path} has more than {MOST_PAGES} pages", field="cursor")


def reasons(body: bytes) -> tuple[ItemReason, ...]:
    """Codes and fields; the details may repeat what was sent and are left out."""
    try:
        told = Errors.model_validate_json(body)
    except ValidationError:
        return ()
    return tuple(
        ItemReason(code=_named(error.code), text=_named(error.field) if error.field else "") for error in told.errors
    )


def _named(text: str) -> str:
    return text if SAFE.fullmatch(text) else "unspecified"
