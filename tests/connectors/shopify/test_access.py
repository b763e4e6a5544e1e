"""What a connection to a shop may do: scopes, tokens, limits and subscriptions."""

from datetime import timedelta

import pytest

from connectors.contract import PROTOCOLS
from connectors.errors import (
    NotAuthorizedError,
    TryAgainError,
)
from connectors.shopify.connector import SCOPES, ShopifyConnector
from sandbox.faults import FaultKind
from tests.connectors.shopify.shop import SimulatedShop


async def test_missing_scopes_are_named(shop: SimulatedShop) -> None:
    await shop.http.patch("/shops/alpha", json={"scopes": SCOPES[:-1]})

    access = await shop.connector.check()

    assert (access.account, access.missing) == ("alpha.myshopify.com", SCOPES[-1:])


async def test_an_expired_token_pauses_the_connection(shop: SimulatedShop) -> None:
    shop.strike(FaultKind.TOKEN_EXPIRED, "*")

    with pytest.raises(NotAuthorizedError) as refusal:
        await shop.connector.check()

    assert refusal.value.scope == "connection"


async def test_throttling_inside_a_200_says_when_to_come_back(shop: SimulatedShop) -> None:
    shop.strike(FaultKind.THROTTLE, "*")

    with pytest.raises(TryAgainError) as refusal:
        await shop.connector.check()

    assert refusal.value.after == timedelta(seconds=2)


async def test_subscribing_again_adds_nothing(shop: SimulatedShop) -> None:
    topics = await shop.connector.subscribe("https://hub.example/webhooks/c1")

    await shop.connector.subscribe("https://hub.example/webhooks/c1")

    assert shop.count("subscription") == len(topics)


async def test_subscriptions_that_were_switched_off_are_missed(shop: SimulatedShop) -> None:
    topics = await shop.connector.subscribe("https://hub.example/webhooks/c1")
    await shop.http.delete("/shops/alpha/subscriptions")

    assert await shop.connector.missing_subscriptions("https://hub.example/webhooks/c1") == topics


def test_the_connector_can_all_that_a_sales_channel_can() -> None:
    bare = ShopifyConnector.__new__(ShopifyConnector)

    assert {protocol.__name__ for protocol in PROTOCOLS if isinstance(bare, protocol)} == {
        "CanBeOnboarded",
        "CancelsOrders",
        "GivesOrders",
        "ReceivesWebhooks",
        "RefundsOrders",
        "StagesListings",
        "SubscribesToWebhooks",
        "TakesListings",
        "TakesPayments",
        "TakesReturns",
        "TakesStockLevels",
        "TakesTracking",
    }


async def test_disputes_are_asked_for_where_the_scope_is_granted(shop: SimulatedShop) -> None:
    without = await shop.connector.missing_subscriptions("https://hub.example.com/webhooks/alpha")
    await shop.http.patch("/shops/alpha", json={"scopes": [*SCOPES, "read_shopify_payments_disputes"]})

    made = await shop.connector.subscribe("https://hub.example.com/webhooks/alpha")

    assert {"DISPUTES_CREATE", "DISPUTES_UPDATE"} == set(made) - set(without)
    assert await shop.connector.missing_subscriptions("https://hub.example.com/webhooks/alpha") == ()
