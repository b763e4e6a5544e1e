"""A fresh sandbox in this process, a shop in it, and a receiver for its webhooks."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.app import create_app

FIXTURES = Path(__file__).parents[2] / "sandbox" / "fixtures" / "shopify"
BERLIN, TORONTO = 71001, 71002
SHOP = {
    "name": "alpha",
    "token": "token-1",
    "secret": "secret-1",
    "locations": [{"id": BERLIN, "name": "Berlin"}, {"id": TORONTO, "name": "Toronto"}],
    "products": [
        {"sku": "TEE-BLK-M", "stock": {BERLIN: 10, TORONTO: 10}},
        {"sku": "MUG-RED", "stock": {BERLIN: 10, TORONTO: 10}},
        {"sku": "NOTEBOOK-A5", "stock": {BERLIN: 10, TORONTO: 10}},
        {"sku": "POSTER-A2", "stock": {BERLIN: 10}},
    ],
}


def body_of(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return body


@dataclass
class Receiver:
    """A hub that only remembers; `answers` are the statuses it gives before it is content."""

    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.requests.append((dict(request.headers), await request.body()))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    @property
    def topics(self) -> list[str]:
        return [headers["x-shopify-topic"] for headers, _ in self.requests]


@dataclass
class Sandbox:
    http: httpx.AsyncClient
    receiver: Receiver

    async def control(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = await self.http.request(method, f"/control{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self, document: str, token: str = "token-1", **variables: Any) -> Any:
        return (await self.post(document, token, **variables)).json()

    async def post(self, document: str, token: str = "token-1", **variables: Any) -> httpx.Response:
        path = "/shopify/alpha/admin/api/2026-10/graphql.json"
        headers = {"X-Shopify-Access-Token": token}
        return await self.http.post(path, json={"query": document, "variables": variables}, headers=headers)

    async def place(self, name: str, **options: Any) -> Any:
        return await self.control("/shopify/shops/alpha/orders", {"body": body_of(name), **options})

    async def subscribe(self, *topics: str) -> None:
        mutation = """mutation($topic: WebhookSubscriptionTopic!, $uri: String!) {
          webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) { userErrors { message } } }"""
        for topic in topics:
            answer = await self.ask(mutation, topic=topic, uri="http://hub/webhooks")
            assert answer["data"]["webhookSubscriptionCreate"]["userErrors"] == []


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    receiver = Receiver()
    hub = Starlette(routes=[Route("/webhooks", receiver.take, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(hub), base_url="http://hub") as to_hub:
        app = create_app(to_hub)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as http:
            made = Sandbox(http, receiver)
            await made.control("/shopify/shops", SHOP)
            await made.control("/webhooks", {"retry_after_seconds": [0, 0]})
            yield made
