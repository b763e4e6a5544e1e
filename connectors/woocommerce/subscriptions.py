"""Webhook registrations: made in one call, and switched on again when WooCommerce has switched them off."""

from connectors.errors import RejectedError
from connectors.woocommerce.client import WooClient
from connectors.woocommerce.refusals import code_of
from connectors.woocommerce.schemas import WooWebhook
from connectors.woocommerce.webhooks import TOPICS


class Subscriptions:
    def __init__(self, client: WooClient, secret: str) -> None:
        self._client = client
        self._secret = secret

    async def subscribe(self, address: str) -> tuple[str, ...]:
        """Five failed deliveries in a row disable a webhook; making it active again starts the count anew."""
        if not self._secret:
            raise RejectedError("a webhook secret is needed first", "webhook_secrets is empty")
        ours = await self._ours(address)
        active = {webhook.topic for webhook in ours if webhook.status == "active"}
        idle = {webhook.topic: webhook.id for webhook in ours if webhook.topic not in active}
        wanted = [topic for topic in TOPICS if topic not in active]
        if not wanted:
            return TOPICS
        switch_on = [
            {"id": idle[topic], "status": "active", "secret": self._secret} for topic in wanted if topic in idle
        ]
        make = [
            {"name": f"Tutti {topic}", "topic": topic, "delivery_url": address, "secret": self._secret}
            for topic in wanted
            if topic not in idle
        ]
        answer = await self._client.batch("/webhooks", create=make, update=switch_on)
        for item in (*answer.create, *answer.update):
            if item.error is not None:
                raise RejectedError("WooCommerce refused a webhook", code_of(item.error) or "refused")
        return TOPICS

    async def missing(self, address: str) -> tuple[str, ...]:
        active = {webhook.topic for webhook in await self._ours(address) if webhook.status == "active"}
        return tuple(topic for topic in TOPICS if topic not in active)

    async def _ours(self, address: str) -> list[WooWebhook]:
        return [one async for one in self._client.all("/webhooks", WooWebhook) if one.delivery_url == address]
