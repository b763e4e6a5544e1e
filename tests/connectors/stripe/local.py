"""localstripe, an independent double of Stripe, run as a server of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

# Its own command line binds every address of the machine, and keeps its state in a file that all users share.
SERVE = """
import sys
from aiohttp import web
from localstripe import resources, server
resources.Store.dump_to_disk = lambda self: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
KEY = "sk_test_12345"


@contextmanager
def serving() -> Iterator[str]:
    """Its address, while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)])
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{address}/v1/refunds", trust_env=False)
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("localstripe did not start within a minute")


def pay(address: str, amount: int = 2000, currency: str = "usd", *, capture: bool = False) -> str:
    """A buyer pays; the payment's id."""
    with httpx.Client(base_url=address, headers={"authorization": f"Bearer {KEY}"}, trust_env=False) as http:
        card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2030", "cvc": "123"}
        method = {"type": "card"} | {f"card[{name}]": value for name, value in card.items()}
        payment_method = http.post("/v1/payment_methods", data=method).json()["id"]
        intent = {
            "amount": str(amount),
            "currency": currency,
            "payment_method": payment_method,
            "confirm": "true",
            "capture_method": "automatic" if capture else "manual",
        }
        payment: str = http.post("/v1/payment_intents", data=intent).json()["id"]
    return payment
