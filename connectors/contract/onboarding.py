"""What a new connection goes through before it may write."""

from typing import Protocol, runtime_checkable

from domain.base import Frozen


class Access(Frozen):
    """What the credentials open."""

    account: str
    granted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class RemoteLocation(Frozen):
    """A place as the platform names it, to be mapped to one of ours."""

    external_id: str
    name: str
    country: str = ""
    postal_code: str = ""


class RemoteStock(Frozen):
    """A number found at a platform when a connection is opened."""

    item_external_id: str
    sku: str
    location_external_id: str
    available: int


@runtime_checkable
class CanBeOnboarded(Protocol):
    """What a new connection goes through before it may write."""

    async def check(self) -> Access:
        """Try the credentials; NotAuthorizedError when they are refused."""

    async def locations(self) -> tuple[RemoteLocation, ...]:
        """The places that the account knows."""

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        """All numbers that the account shows now."""


@runtime_checkable
class SubscribesToWebhooks(Protocol):
    """Webhooks are switched on by call, and can be found switched off."""

    async def subscribe(self, address: str) -> tuple[str, ...]:
        """Register every topic that the connector reads at this address; returns the topics; repeatable."""

    async def missing_subscriptions(self, address: str) -> tuple[str, ...]:
        """Topics that should be registered and are not (R8)."""
