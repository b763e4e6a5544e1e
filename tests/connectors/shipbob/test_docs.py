"""The example of the docs page works as it stands."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.contract import Surroundings, TakesFulfillmentOrders
from connectors.errors import OutcomeUnknownError
from tests.connectors.shipbob.conftest import fulfillment_request

PAGE = Path(__file__).parents[3] / "docs/connectors/writing-a-connector.md"


def acme(answer) -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    namespace: dict[str, Any] = {"__name__": "acme"}
    exec(compile(code, str(PAGE), "exec"), namespace)
    connector = namespace["AcmeConnector"]
    config = connector.Config(base_url="https://acme.example", token="t")
    return connector.open(config, Surroundings(connection_id="c", transport=httpx.MockTransport(answer)))


async def test_the_example_sends_finds_and_recalls():
    orders: dict[str, dict[str, Any]] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/cancel"):
            return httpx.Response(200 if orders else 422)
        if request.method == "POST":
            body = json.loads(request.content)
            return httpx.Response(201, json=orders.setdefault(body["reference"], {"id": 1, **body}))
        return httpx.Response(200, json=[orders[r] for r in [request.url.params["reference"]] if r in orders])

    connector = acme(answer)
    sent = await connector.send_fulfillment_order(fulfillment_request("F1"), "F1")

    assert isinstance(connector, TakesFulfillmentOrders)
    assert await connector.find_fulfillment_order("F1") == sent
    assert await connector.find_fulfillment_order("F2") is None
    assert (await connector.recall_fulfillment_order(sent, "k")).answer == "confirmed"


async def test_the_example_does_not_take_silence_for_no():
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("silence")

    with pytest.raises(OutcomeUnknownError):
        await acme(answer).send_fulfillment_order(fulfillment_request("F1"), "F1")
