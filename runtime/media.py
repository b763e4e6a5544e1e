"""Reading the pictures of products, so that the gates know what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.contract import Surroundings
from connectors.kit.media import MediaReader
from db.desks.catalog import CatalogDesk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.catalog.media import MediaFile
    from runtime.wiring import Hub

AT_ONCE = 20
"""Pictures per transaction: what was read before a kill stays read."""


async def read_media(hub: Hub, product_ids: Iterable[str], *, anew: bool = False) -> list[MediaFile]:
    """Read what nobody has read yet, or what did not answer (`anew`: everything); returns what was read."""
    desk = CatalogDesk(hub.database)
    urls = await (desk.media if anew else desk.unread_media)(product_ids)
    reader = MediaReader(Surroundings("media", transport=hub.transport, egress_allow=hub.settings.egress_allow))
    read: list[MediaFile] = []
    try:
        for start in range(0, len(urls), AT_ONCE):
            files = await reader.read(urls[start : start + AT_ONCE])
            await desk.keep_media(files)
            read += files
    finally:
        await reader.close()
    return read
