"""Texts as requests may send them: of bounded length, and without the one character that PostgreSQL refuses."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """The base of every request body: a misspelled field is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


_NO_NUL = r"^[^\x00]*$"
Word = Annotated[str, Field(max_length=200, pattern=_NO_NUL)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=_NO_NUL)]
Prose = Annotated[str, Field(min_length=1, max_length=4000, pattern=_NO_NUL)]
Amount = Annotated[int, Field(ge=0, le=1_000_000_000, description="in the currency's smallest unit")]
