"""Telling the outside one thing about an order: who can be told, what, how, and what is true afterwards."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from activities.effects import Effects, HeldBackError
from connectors.contract import Effect
from connectors.errors import NotFoundAtChannelError, RejectedError
from domain.progress import Progress
from domain.refs import OrderRef, Part

if TYPE_CHECKING:
    from activities.ports import Connections


class Standings(Protocol):
    """Where an order stands."""

    async def standing(self, order: OrderRef) -> Progress: ...


class Duty(NamedTuple):
    """One kind of thing that a platform is told.

    `request` answers None when there is nothing to tell any more; `told` is given None when nothing was told.
    `call` and `find` are methods of the connector.
    """

    kind: str
    protocol: type
    call: str
    find: str
    request: Callable[[Part], Awaitable[Any]]
    told: Callable[[Part, str, Any, Any], Awaitable[Progress]]
    refused: Callable[[Part, str, str], Awaitable[Progress]]


class Duties:
    """Each is one effect. Whoever cannot be told something (a manual order's channel) is told nothing, and that is fine."""

    def __init__(self, desk: Standings, effects: Effects, connections: "Connections", duties: Iterable[Duty]) -> None:
        self._desk = desk
        self._effects = effects
        self._connections = connections
        self._duties = {duty.kind: duty for duty in duties}

    async def tell(self, kind: str, part: Part) -> Progress:
        """Make the write and see it; a refusal is for a person to look at."""
        duty = self._duties[kind]
        request = await duty.request(part)
        connector = await self._connections.connector(part.connection_id)
        effect = _effect(kind, part, getattr(request, "version", 1))
        if request is None or not isinstance(connector, duty.protocol):
            return await duty.told(part, effect.key, request, None)
        call, find = getattr(connector, duty.call), getattr(connector, duty.find)
        try:
            shown = await self._effects.perform(effect, lambda: call(request, effect.key), lambda: find(request))
        except HeldBackError:
            return await self._desk.standing(part.order)
        except RejectedError as refusal:
            return await duty.refused(part, effect.key, refusal.reasons[0].code if refusal.reasons else "rejected")
        except NotFoundAtChannelError:
            return await duty.refused(part, effect.key, "not_found")
        return await duty.told(part, effect.key, request, shown)


def _effect(kind: str, part: Part, version: int) -> Effect:
    """The key names what is told and, where it may be told anew, the version."""
    key = f"{kind}:{part.id}" + (f":v{version}" if version > 1 else "")
    return Effect(key=key, kind=kind, connection_id=part.connection_id, order_id=part.order.order_id)
