"""What every route may ask for: the hub, the time."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

if TYPE_CHECKING:
    from runtime.wiring import Hub
else:
    Hub = object


def hub_of(request: Request) -> "Hub":
    """The one hub of this process."""
    return cast("Hub", request.app.state.hub)


HubDep = Annotated[Hub, Depends(hub_of)]


def now() -> datetime:
    """The moment of the request."""
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(now)]
