"""Settings, system status and webhook registrations over the wire."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.woocommerce.gateway import Gateway, WooError, batch, page
from sandbox.woocommerce.news import News
from sandbox.woocommerce.state import Body, Shop, now

TOPICS = frozenset(
    f"{resource}.{event}"
    for resource in ("order", "product", "customer", "coupon")
    for event in ("created", "updated", "deleted", "restored")
)


class AccountApi:
    """Handlers of what is neither a product nor an order."""

    def __init__(self, gateway: Gateway, news: News) -> None:
        self._news = news
        self.routes: Sequence[Route] = [
            gateway.read("/system_status", "system_status", self.status),
            gateway.read("/settings/{group}", "settings.list", self.settings),
            gateway.read("/webhooks", "webhooks.list", self.webhooks),
            gateway.write("POST", "/webhooks/batch", "webhooks.batch", self.batch),
        ]

    def status(self, shop: Shop, _request: Request, _body: Any) -> Response:
        home = f"https://{shop.name}.example"
        environment = {"home_url": home, "site_url": home, "version": "10.3.4", "wp_version": "6.8.3"}
        return JSONResponse({"environment": environment, "settings": {"currency": shop.currency, "api_enabled": True}})

    def settings(self, shop: Shop, request: Request, _body: Any) -> Response:
        place = shop.place
        known = {
            "general": {
                "woocommerce_store_address": place.get("address", ""),
                "woocommerce_store_city": place.get("city", ""),
                "woocommerce_default_country": place.get("country", ""),
                "woocommerce_store_postcode": place.get("postcode", ""),
                "woocommerce_currency": shop.currency,
            },
            "products": {"woocommerce_manage_stock": "yes" if shop.manages_stock else "no"},
        }
        group = known.get(request.path_params["group"])
        if group is None:
            raise WooError("rest_setting_setting_group_invalid", "Invalid setting group.", 404)
        return JSONResponse([{"id": key, "label": key, "type": "text", "value": value} for key, value in group.items()])

    def webhooks(self, shop: Shop, request: Request, _body: Any) -> Response:
        """The secret is never shown again."""
        return page(request, [_shown(webhook) for webhook in shop.webhooks.values()])

    def batch(self, shop: Shop, _request: Request, body: Any) -> Response:
        return batch(
            body,
            lambda item: self._make(shop, item),
            lambda item: self._change(shop, item),
            lambda item: self._drop(shop, item),
        )

    def _make(self, shop: Shop, given: Body) -> Body:
        if given.get("topic") not in TOPICS:
            raise WooError("woocommerce_rest_webhook_invalid_topic", "Webhook topic must be valid.")
        if not str(given.get("delivery_url", "")).startswith(("http://", "https://")):
            text = "Webhook delivery URL must be a valid URL starting with http:// or https://."
            raise WooError("woocommerce_rest_webhook_invalid_delivery_url", text)
        number = shop.new_id()
        webhook = {
            "id": number, "name": given.get("name") or f"Webhook {number}", "status": given.get("status", "active"),
            "topic": given["topic"], "resource": given["topic"].split(".")[0], "event": given["topic"].split(".")[1],
            "hooks": [], "delivery_url": given["delivery_url"], "date_created_gmt": now(), "date_modified_gmt": now(),
            "secret": given.get("secret") or f"generated-{number}", "failure_count": 0,
        }  # fmt: skip
        shop.webhooks[number] = webhook
        shop.commit("webhook", webhook["topic"])
        self._news.ping(shop, webhook)
        return _shown(webhook)

    @staticmethod
    def _change(shop: Shop, given: Body) -> Body:
        """Switching a disabled one on again starts its count of failures anew."""
        webhook = shop.webhooks.get(given.get("id", 0))
        if webhook is None:
            raise WooError("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        changes: Body = {
            key: given[key] for key in ("status", "secret", "name", "delivery_url", "topic") if key in given
        }
        webhook.update({**changes, "date_modified_gmt": now()})
        if given.get("status") == "active":
            webhook["failure_count"] = 0
        shop.commit("webhook_change", webhook["topic"])
        return _shown(webhook)

    @staticmethod
    def _drop(shop: Shop, webhook_id: int) -> Body:
        webhook = shop.webhooks.pop(webhook_id, None)
        if webhook is None:
            raise WooError("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        return _shown(webhook)


def _shown(webhook: Body) -> Body:
    return {key: value for key, value in webhook.items() if key not in {"secret", "failure_count"}}
