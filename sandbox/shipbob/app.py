"""The simulated ShipBob as one platform of the sandbox."""

from collections.abc import Mapping

from starlette.routing import BaseRoute

from sandbox.faults import Faults
from sandbox.shipbob.account_api import AccountApi
from sandbox.shipbob.control import control
from sandbox.shipbob.gateway import Gateway
from sandbox.shipbob.notices import Notices
from sandbox.shipbob.order_api import OrderApi
from sandbox.shipbob.store import Store
from sandbox.shipbob.warehouse import Warehouse
from sandbox.webhooks import Outbox


class ShipBob:
    """Base address: `<sandbox>/shipbob`; a reset forgets the account, its subscriptions and all settings."""

    name = "shipbob"

    def __init__(self, faults: Faults, outbox: Outbox) -> None:
        notices = Notices(outbox)
        self._warehouse = Warehouse(notices)
        self._gateway = Gateway(faults, self._warehouse)
        self.control = control(self._warehouse)
        self.routes: list[BaseRoute] = [
            *OrderApi(self._gateway, self._warehouse).routes,
            *AccountApi(self._gateway, self._warehouse, notices).routes,
        ]

    def reset(self) -> None:
        self._warehouse.open_with(Store())
        self._gateway.calls.clear()

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        return self._warehouse.store.committed


def platform(faults: Faults, outbox: Outbox) -> ShipBob:
    return ShipBob(faults, outbox)
