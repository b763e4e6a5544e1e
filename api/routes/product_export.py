"""All products as one stream, in the form that imports take."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.auth import Viewer
from api.deps import HubDep
from db import catalog
from domain.catalog.document import document
from runtime.wiring import Hub

router = APIRouter(prefix="/product-export", tags=["products"])

PAGE = 200
_TYPE = "application/x-ndjson"


@router.get(
    "", response_class=StreamingResponse, responses={200: {"content": {_TYPE: {}}, "description": "JSON Lines"}}
)
async def export_products(
    hub: HubDep, _caller: Viewer, category: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = ""
) -> StreamingResponse:
    """A product per line, by id, some read at a time: what changes meanwhile is in it or not."""
    return StreamingResponse(_lines(hub, category), media_type=_TYPE)


async def _lines(hub: Hub, category: str) -> AsyncIterator[str]:
    after: str | None = ""
    while after is not None:
        last = after
        page = await hub.database.read(lambda tx: catalog.page(tx, category=category, after=last, limit=PAGE))  # noqa: B023 awaited at once
        for product in page:
            yield json.dumps(document(product), ensure_ascii=False) + "\n"
        after = page[-1].id if len(page) == PAGE else None
