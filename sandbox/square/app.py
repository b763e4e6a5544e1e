"""The simulated Square as one platform of the sandbox."""

from collections.abc import Mapping

from starlette.routing import BaseRoute

from sandbox.faults import Faults
from sandbox.square.account_api import AccountApi
from sandbox.square.control import control
from sandbox.square.gateway import NAME, Gateway
from sandbox.square.inventory import Inventory
from sandbox.square.news import News
from sandbox.square.state import Account
from sandbox.webhooks import Outbox


class Square:
    """Base address: `<sandbox>/square`; one account with the token that it was opened with."""

    name = NAME

    def __init__(self, faults: Faults, outbox: Outbox) -> None:
        self.account = Account()
        news = News(outbox, lambda: self.account)
        gateway = Gateway(faults, lambda: self.account)
        inventory = Inventory(gateway, lambda: self.account, news)
        self.control = control(lambda: self.account, self._open_with, inventory, news)
        self.routes: list[BaseRoute] = [*AccountApi(gateway, lambda: self.account).routes, *inventory.routes]

    def _open_with(self, account: Account) -> None:
        self.account = account

    def reset(self) -> None:
        self.account = Account()

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        return self.account.committed


def platform(faults: Faults, outbox: Outbox) -> Square:
    return Square(faults, outbox)
