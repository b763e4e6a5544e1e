"""Tokens, the seller's marketplaces and supply sources, and what notifications go where."""

import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.amazon.account import Account, Json
from sandbox.amazon.gateway import PREFIX, Gateway, refused


class AccountApi:
    def __init__(self, gateway: Gateway, account: Callable[[], Account]) -> None:
        self._account = account
        subscriptions = "/notifications/v1/subscriptions/{kind}"
        destinations = "/notifications/v1/destinations"
        self.routes: list[BaseRoute] = [
            Route(f"{PREFIX}/auth/o2/token", self._token, methods=["POST"]),
            gateway.route(
                "GET", "/sellers/v1/marketplaceParticipations", "getMarketplaceParticipations", self._markets
            ),
            gateway.route("GET", "/supplySources/2020-07-01/supplySources", "getSupplySources", self._sources),
            gateway.route("GET", "/notifications/v1/subscriptions", "getSubscriptions", self._subscriptions),
            gateway.route("POST", subscriptions, "createSubscription", self._subscribe),
            gateway.route("GET", destinations, "getDestinations", self._destinations),
            gateway.route("POST", destinations, "createDestination", self._create_destination),
        ]

    async def _token(self, request: Request) -> Response:
        given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        settings = self._account().settings
        if (given.get("client_id"), given.get("client_secret")) != (settings.client_id, settings.client_secret):
            return JSONResponse({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        is_grantless = given.get("grant_type") == "client_credentials"
        if not is_grantless and given.get("refresh_token") != settings.refresh_token:
            return JSONResponse(
                {"error": "invalid_grant", "error_description": "The request has an invalid grant"}, 400
            )
        token = f"Atza|{uuid.uuid4().hex}"
        self._account().tokens[token] = time.monotonic() + settings.token_lifetime
        return JSONResponse({"access_token": token, "token_type": "bearer", "expires_in": settings.token_lifetime})

    def _markets(self, _request: Request, _body: Any) -> Response:
        settings = self._account().settings
        marketplace = {
            "id": settings.marketplace_id, "name": "Amazon.com", "countryCode": "US", "domainName": "www.example.com",
            "defaultCurrencyCode": settings.currency, "defaultLanguageCode": "en_US",
        }  # fmt: skip
        taking_part = {"isParticipating": True, "hasSuspendedListings": False}
        entry = {"marketplace": marketplace, "participation": taking_part, "storeName": "Example Store"}
        return JSONResponse({"payload": [entry]})

    def _sources(self, _request: Request, _body: Any) -> Response:
        return JSONResponse({"supplySources": self._account().sources})

    def _subscriptions(self, request: Request, _body: Any) -> Response:
        found = self._account().subscriptions.get(request.query_params.get("notificationTypes", ""))
        return JSONResponse({"payload": {"subscriptions": [found] if found else []}})

    def _subscribe(self, request: Request, body: Any) -> Response:
        kind = request.path_params["kind"]
        if body["destinationId"] not in self._account().destinations:
            return refused(400, "InvalidInput", "destinationId is not known")
        if kind in self._account().subscriptions:
            return refused(409, "ResourceConflict", "a subscription for this notification type exists")
        entry: Json = {
            "subscriptionId": str(uuid.uuid4()),
            "payloadVersion": "1.0",
            "destinationId": body["destinationId"],
        }
        self._account().subscriptions[kind] = entry
        self._account().committed["subscriptions"][kind] += 1
        return JSONResponse({"payload": entry})

    def _destinations(self, _request: Request, _body: Any) -> Response:
        return JSONResponse({"payload": list(self._account().destinations.values())})

    def _create_destination(self, _request: Request, body: Any) -> Response:
        key = str(uuid.uuid4())
        entry = {"name": body["name"], "destinationId": key, "resource": {"sqs": body["resourceSpecification"]["sqs"]}}
        self._account().destinations[key] = entry
        return JSONResponse({"payload": entry})
