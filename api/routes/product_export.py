"""All products as one stream, in the forms that imports take."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.auth import Viewer
from api.deps import HubDep
from db import catalog
from db.words import dictionary
from domain.catalog.document import document
from domain.catalog.product import Product
from domain.catalog.sheet import Sheet
from runtime.wiring import Hub

router = APIRouter(prefix="/product-export", tags=["products"])

PAGE = 200
Format = Literal["jsonl", "csv"]
TYPES: dict[Format, str] = {"jsonl": "application/x-ndjson", "csv": "text/csv"}
_CONTENT = {kind: {"schema": {"type": "string"}} for kind in TYPES.values()}


@router.get(
    "",
    response_class=StreamingResponse,
    responses={200: {"content": _CONTENT, "description": "JSON Lines with everything, or CSV"}},
)
async def export_products(
    hub: HubDep,
    _caller: Viewer,
    category: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    form: Annotated[Format, Query(alias="format", description="csv has no overrides of channels")] = "jsonl",
) -> StreamingResponse:
    """A product per line, or in CSV a variant per row; some read at a time: what changes meanwhile is in it or not."""
    lines = _table(hub, category) if form == "csv" else _lines(hub, category)
    return StreamingResponse(lines, media_type=TYPES[form])


async def _lines(hub: Hub, category: str) -> AsyncIterator[str]:
    async for page in _pages(hub, category):
        for product in page:
            yield json.dumps(document(product), ensure_ascii=False) + "\n"


async def _table(hub: Hub, category: str) -> AsyncIterator[str]:
    sheet = Sheet(await hub.database.read(dictionary))
    async for page in _pages(hub, category):
        sheet.see(page)
    yield sheet.header()
    async for page in _pages(hub, category):
        yield sheet.rows(page)


async def _pages(hub: Hub, category: str) -> AsyncIterator[list[Product]]:
    after: str | None = ""
    while after is not None:
        last = after
        page = await hub.database.read(lambda tx: catalog.page(tx, category=category, after=last, limit=PAGE))  # noqa: B023 awaited at once
        yield page
        after = page[-1].id if len(page) == PAGE else None
