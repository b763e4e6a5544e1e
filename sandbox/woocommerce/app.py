"""The simulated WooCommerce as one platform of the sandbox: many shops, one server."""

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.routing import BaseRoute

from sandbox.faults import Faults
from sandbox.webhooks import Outbox
from sandbox.woocommerce.account_api import AccountApi
from sandbox.woocommerce.catalog_api import CatalogApi
from sandbox.woocommerce.control import control, known
from sandbox.woocommerce.gateway import NAME, Gateway
from sandbox.woocommerce.news import News
from sandbox.woocommerce.order_api import OrderApi
from sandbox.woocommerce.order_control import order_control
from sandbox.woocommerce.public_api import PublicApi
from sandbox.woocommerce.state import Shop


class WooCommerce:
    """Base address of a shop: `<sandbox>/woocommerce/<shop>`."""

    name = NAME

    def __init__(self, faults: Faults, outbox: Outbox) -> None:
        self._shops: dict[str, Shop] = {}
        news = News(outbox)
        gateway = Gateway(faults, self._shops)
        self.control = APIRouter()
        self.control.include_router(control(self._shops, news))
        self.control.include_router(order_control(lambda name: known(self._shops, name), news))
        self.routes: list[BaseRoute] = [
            *CatalogApi(gateway, news).routes,
            *OrderApi(gateway, news).routes,
            *AccountApi(gateway, news).routes,
            *PublicApi(gateway).routes,
        ]

    def reset(self) -> None:
        self._shops.clear()

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        """References are prefixed with the shop's name: the platform is one, merchants are many."""
        total: dict[str, dict[str, int]] = {}
        for shop in self._shops.values():
            for kind, references in shop.committed.items():
                total.setdefault(kind, {}).update({f"{shop.name}:{key}": times for key, times in references.items()})
        return total


def platform(faults: Faults, outbox: Outbox) -> WooCommerce:
    return WooCommerce(faults, outbox)
