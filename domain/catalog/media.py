"""Pictures: what a product names, and what was read from the file."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from domain.base import Frozen

Address = Annotated[str, Field(max_length=2000, pattern=r"^https?://[^\s\x00-\x1f]+$")]

MediaProblem = Literal["", "not_found", "not_an_image", "too_large", "moved", "refused", "unreachable"]


class Media(Frozen):
    """One picture by its address; `skus` are the variants that it shows, none means all."""

    model_config = ConfigDict(extra="forbid")

    url: Address
    alt: Annotated[str, Field(max_length=500)] = ""
    skus: tuple[str, ...] = ()


class MediaFile(Frozen):
    """What the file at an address turned out to be; with a problem the other facts are empty.

    `not_found` 404 or 410, `moved` a redirect (none is followed), `refused` a private address or another refusal,
    `unreachable` no answer: worth another try.
    """

    url: str
    problem: MediaProblem = ""
    format: str = Field(default="", description="as the bytes say, in lower case: jpeg, png, webp")
    width: int = 0
    height: int = 0
    size: int = Field(default=0, description="bytes")
    sha256: str = ""
    read_at: datetime | None = None

    @property
    def ratio(self) -> float:
        """Width by height; 0 where nothing could be read."""
        return self.width / self.height if self.height else 0.0
