"""What is done about a field that others changed: versioned data per connection, with its own rules for some fields."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import ConfigDict, Field

from domain.base import Frozen
from domain.content.fields import plain_name
from domain.drift import Action, Author

LATE = timedelta(minutes=5)
"""A change that should have been told this long ago is late; younger ones are on their way."""


class FieldPolicy(Frozen):
    """Other than the connection's own; what it leaves out is as there."""

    model_config = ConfigDict(extra="forbid")
    channel: Action | None = None
    person: Action | None = None


class ContentPolicy(Frozen):
    """Being late ourselves is no question of policy: the field is told.

    `repair` tells ours again, `accept` makes the channel's value the channel's own in the master, `ask` leaves it and
    asks a person. `fields` are by the channel's name of the field, or `price`, `compare_at`, `media`.
    """

    model_config = ConfigDict(extra="forbid")
    version: Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")] = "default"
    channel: Action = "ask"
    person: Action = "ask"
    fields: Mapping[Annotated[str, Field(min_length=1, max_length=100)], FieldPolicy] = Field(
        default_factory=lambda: {
            name: FieldPolicy(channel="repair", person="repair") for name in ("price", "compare_at")
        }
    )
    share_percent: Annotated[int, Field(ge=1, le=100)] = 10
    every_minutes: Annotated[int, Field(ge=1, le=10_080)] = 60

    def action(self, author: Author, name: str) -> Action:
        if author == "us":
            return "repair"
        own = self.fields.get(plain_name(name), FieldPolicy())
        return (own.channel or self.channel) if author == "channel" else (own.person or self.person)
