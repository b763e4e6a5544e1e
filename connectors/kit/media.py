"""Pictures at addresses that people give: read within limits, by their bytes, and told what is wrong with them."""

import asyncio
import hashlib
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
from PIL import Image

from connectors.contract import Surroundings
from connectors.errors import RejectedError
from connectors.kit.transport import Transport
from domain.catalog.media import MediaFile, MediaProblem

MOST_BYTES = 25 * 1024 * 1024
MOST_PIXELS = 80_000_000
"""A small file can claim a picture that fills the memory; nothing here unpacks one, and none larger is taken."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
AT_ONCE = 4
ANSWER_WITHIN_S = 20.0


class _NotReadError(Exception):
    def __init__(self, problem: MediaProblem) -> None:
        super().__init__(problem)
        self.problem = problem


class MediaReader:
    """Reads files from anywhere on the open internet: no private address, no redirect, no more than the limit."""

    def __init__(self, around: Surroundings, *, most_bytes: int = MOST_BYTES) -> None:
        self._client = httpx.AsyncClient(
            transport=around.transport or Transport(around.egress_allow, AT_ONCE),
            timeout=httpx.Timeout(ANSWER_WITHIN_S, connect=5.0),
            follow_redirects=False,
            trust_env=False,
        )
        self._most_bytes = most_bytes
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def close(self) -> None:
        await self._client.aclose()

    async def read(self, urls: Iterable[str]) -> list[MediaFile]:
        """One result per address; one that is wrong stops no other."""
        return list(await asyncio.gather(*(self._one(url) for url in urls)))

    async def _one(self, url: str) -> MediaFile:
        async with self._slots:
            try:
                facts = await asyncio.to_thread(facts_of, await self._body(url))
            except _NotReadError as failure:
                facts = {"problem": failure.problem}
        return MediaFile(url=url, read_at=datetime.now(UTC), **facts)

    async def _body(self, url: str) -> bytes:
        """The timeouts of httpx are per socket operation; the one around them ends an answer that comes drop by drop."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S), self._client.stream("GET", url) as response:
                if problem := _problem(response):
                    raise _NotReadError(problem)
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > self._most_bytes:
                        raise _NotReadError("too_large")
                return bytes(body)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, RejectedError):
            raise _NotReadError("refused") from None
        except (httpx.HTTPError, TimeoutError):
            raise _NotReadError("unreachable") from None


def facts_of(body: bytes) -> dict[str, Any]:
    """Format, size and checksum by the bytes themselves: what a host or a file's name says counts for nothing."""
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as picture:
            width, height = picture.size
            kind = str(picture.format).lower()
            picture.verify()
    except (OSError, SyntaxError, ValueError):
        return {"problem": "not_an_image"}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"problem": "too_large"}
    if width * height > MOST_PIXELS:
        return {"problem": "too_large"}
    return {
        "format": kind, "width": width, "height": height, "size": len(body), "sha256": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip


def _problem(response: httpx.Response) -> MediaProblem:
    if response.is_success:
        return ""
    if response.is_redirect:
        return "moved"
    if response.status_code in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        return "not_found"
    if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return "unreachable"
    return "refused"
