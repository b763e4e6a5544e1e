"""Where ShipBob's official OpenAPI is, and a transport that holds every exchange against it."""

import httpx

from tests.connectors import official

NAME = "shipbob/shipbob-openapi.json"
FILE = official.CONTRACTS / NAME

needs_contract = official.needs(NAME)


class OfficialTransport(official.OfficialTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, prefix: str) -> None:
        # `next` links carry a cursor; the contract lists the query of first pages only.
        super().__init__(inner, NAME, prefix, opaque=frozenset({"Cursor"}))
