"""Four channels of a launch, of three kinds: two Shopify shops, a WooCommerce shop, a seller at Amazon."""

from typing import Any

from connectors.errors import OutcomeUnknownError, RejectedError
from domain.catalog.form import ChannelForm
from runtime.wiring import Hub
from sandbox.amazon.account import Settings as Seller
from tests.workflows.launch_stack import LaunchStack, connect

ALL = ("alpha", "beta", "woo", "amazon")
WOO_FORM = ChannelForm.model_validate(
    {
        "version": "1",
        "currencies": ["USD"],
        "fields": {"name": "title", "description": "description"},
        "media": {"least": 1},
    }
)
AMAZON_FORM = ChannelForm.model_validate(
    {
        "version": "1",
        "currencies": ["USD"],
        "kind": {"value": "PRODUCT"},
        "fields": {
            "item_name": "title",
            "brand": "brand",
            "product_description": {"from": "description", "transform": "plain"},
            "bullet_point": {"value": ["Bright"]},
            "condition_type": {"value": "new_new"},
        },
    }
)


class FaultyHub(Hub):
    """Opens connectors that fail once: by connection, method and product."""

    plan: dict[tuple[str, str, str], str]
    struck: set[tuple[str, str, str]]

    async def connector(self, connection_id: str) -> Any:
        opened: Any = await super().connector(connection_id)
        if not getattr(opened, "is_wrapped", False):
            for method in {method for _, method, _ in self.plan}:
                if hasattr(opened, method):
                    setattr(opened, method, self._wrapped(connection_id, method, getattr(opened, method)))
            opened.is_wrapped = True
        return opened

    def _wrapped(self, connection_id: str, method: str, do: Any) -> Any:
        async def call(things: Any, *more: Any) -> Any:
            products = {getattr(one, "ref", one).reference for one in things}
            hit = next((key for key in self.plan if key[:2] == (connection_id, method) and key[2] in products), None)
            if hit is None or hit in self.struck:
                return await do(things, *more)
            self.struck.add(hit)
            if self.plan[hit] == "refuse":
                raise RejectedError("planted")
            await do(things, *more)
            if self.plan[hit] == "lose the answer":
                raise OutcomeUnknownError("planted")
            raise RuntimeError("planted: the process dies after the call, and nothing is recorded")

        return call


async def open_others(stack: LaunchStack) -> None:
    """WooCommerce and Amazon beside the two shops."""
    woo = {"name": "woo", "consumer_key": "ck_w", "consumer_secret": "cs_w", "currency": "USD"}
    assert (await stack.http.post("/control/woocommerce/shops", json=woo)).status_code == 200
    seller = Seller()
    amazon = {
        "base_url": "http://sandbox/amazon", "login_url": "http://sandbox/amazon/auth/o2/token",
        "seller_id": seller.seller_id, "client_id": seller.client_id, "client_secret": seller.client_secret,
        "refresh_token": seller.refresh_token,
    }  # fmt: skip
    shop = {
        "base_url": "https://sandbox/woocommerce/woo", "consumer_key": "ck_w", "consumer_secret": "cs_w",
        "currency": "USD",
    }  # fmt: skip
    await stack.write(lambda tx: connect(tx, "woo", "woocommerce", shop, WOO_FORM))
    await stack.write(lambda tx: connect(tx, "amazon", "amazon", amazon, AMAZON_FORM))


async def state_of(stack: LaunchStack, product: str) -> dict[str, str]:
    """What each platform itself says of a product: public, hidden or absent."""
    found = {}
    for name in ("alpha", "beta"):
        one = (await stack.shop(name)).get(product)
        found[name] = "absent" if one is None else "public" if one["is_public"] else "hidden"
    bodies = (await stack.http.get("/control/woocommerce/shops/woo/products")).json()
    mine = [body for body in bodies if body.get("sku") in {f"{product}-1", product} and body["status"] != "trash"]
    found["woo"] = "absent" if not mine else "public" if mine[0]["status"] == "publish" else "hidden"
    listings = (await stack.http.get("/control/amazon/listings")).json()
    one = listings.get(f"{product}-1")
    found["amazon"] = "absent" if one is None else "public" if one["status"] else "hidden"
    return found
