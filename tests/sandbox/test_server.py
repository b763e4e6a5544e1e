"""The sandbox as a real server: it starts, drops connections without an answer, and stops."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.sandbox.conftest import body_of
from tests.sandbox.test_shopify_fulfillment import CREATE, gid

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "sandbox", "--port", str(port)], cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    _wait_for(address)
    yield address
    process.terminate()
    process.wait(timeout=60)


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{address}/control/health", trust_env=False)
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the sandbox did not start within a minute")


@pytest.mark.server
def test_a_dropped_connection_gives_no_answer_and_leaves_the_commit(address: str) -> None:
    shop = json.loads((ROOT / "sandbox" / "fixtures" / "shop.json").read_text(encoding="utf-8"))
    with httpx.Client(base_url=address, trust_env=False) as http:
        http.post("/control/shopify/shops", json=shop)
        order = http.post("/control/shopify/shops/alpha/orders", json={"body": body_of("one_parcel")}).json()
        work = gid("FulfillmentOrder", order["fulfillment_orders"][0]["id"])
        rule = {"kind": "commit_then_drop", "operation": "fulfillmentCreate", "nth": [1]}
        http.post("/control/faults", json={"faults": [rule]})
        given = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": work}]}

        with pytest.raises(httpx.RemoteProtocolError):
            http.post(
                "/shopify/alpha/admin/api/2026-10/graphql.json",
                json={"query": CREATE, "variables": {"given": given}},
                headers={"X-Shopify-Access-Token": shop["token"]},
            )

        assert list(http.get("/control/counters").json()["shopify"]["fulfillment"].values()) == [1]
