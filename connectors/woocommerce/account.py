"""What a new connection is asked first: whether the key opens the shop, and where the shop is."""

from collections.abc import Mapping
from typing import Any

from connectors.contract import Access, RemoteLocation
from connectors.woocommerce.client import WooClient
from connectors.woocommerce.forms import POOL
from connectors.woocommerce.schemas import WooSetting, WooStatus


class Account:
    def __init__(self, client: WooClient, currency: str) -> None:
        self._client = client
        self._currency = currency

    async def check(self) -> Access:
        """No call tells whether a key may write; a key that may not is refused at the first write (401)."""
        status = await self._client.get("/system_status", WooStatus, _fields="environment,settings")
        stock = await self._settings("products")
        missing = []
        if status.settings.currency != self._currency:
            missing.append(f"currency {self._currency}: the shop sells in {status.settings.currency}")
        if stock.get("woocommerce_manage_stock") != "yes":
            missing.append("stock management (WooCommerce, Settings, Products, Inventory)")
        return Access(account=status.environment.home_url, granted=("read",), missing=tuple(missing))

    async def locations(self) -> tuple[RemoteLocation, ...]:
        """The shop itself: WooCommerce keeps one number per item, wherever the units lie."""
        settings = await self._settings("general")
        country, _, _ = str(settings.get("woocommerce_default_country") or "").partition(":")
        city = str(settings.get("woocommerce_store_city") or "")
        postal_code = str(settings.get("woocommerce_store_postcode") or "")
        return (RemoteLocation(external_id=POOL, name=city or "the shop", country=country, postal_code=postal_code),)

    async def _settings(self, group: str) -> Mapping[str, Any]:
        found = await self._client.page(f"/settings/{group}", WooSetting)
        return {setting.id: setting.value for setting in found}
