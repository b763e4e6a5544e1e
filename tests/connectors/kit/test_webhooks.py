"""Signatures: the forged are refused, the old secret still counts while a new one is rolled out."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from connectors.errors import ForgedDeliveryError
from connectors.kit.webhooks import body_id, sign_hmac, verify_hmac, verify_standard

BODY = b'{"id": 1, "name": "\xc3\xa9"}'
OLD, NEW, OTHER = (("whsec_" + base64.b64encode(bytes([n]) * 24).decode()) for n in (1, 2, 3))


def standard_headers(secret: str, age: timedelta = timedelta(0), body: bytes = BODY) -> dict[str, str]:
    at = datetime.now(UTC) - age
    signature = Webhook(secret).sign("msg_1", at, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


@pytest.mark.parametrize("secret", ["new", "old"])
def test_hmac_accepts_the_current_and_the_previous_secret(secret):
    verify_hmac(BODY, sign_hmac(BODY, secret), ["new", "old"])


@pytest.mark.parametrize("signature", ["", "x", "é", sign_hmac(BODY, "other"), sign_hmac(BODY + b" ", "new")])
def test_hmac_refuses_everything_else(signature):
    with pytest.raises(ForgedDeliveryError):
        verify_hmac(BODY, signature, ["new", "old"])


@pytest.mark.parametrize("secrets", [[], [""]])
def test_hmac_without_a_secret_accepts_nothing(secrets):
    with pytest.raises(ForgedDeliveryError):
        verify_hmac(BODY, sign_hmac(BODY, ""), secrets)


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_standard_accepts_the_current_and_the_previous_secret(secret):
    verify_standard(standard_headers(secret), BODY, [NEW, OLD])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        standard_headers(OTHER),
        standard_headers(NEW, body=b"{}"),
        standard_headers(NEW, age=timedelta(minutes=6)),
        standard_headers(NEW) | {"webhook-signature": "no comma"},
        standard_headers(NEW) | {"webhook-signature": "v1,%%%"},
        standard_headers(NEW) | {"webhook-timestamp": "yesterday"},
    ],
)
def test_standard_refuses_everything_else(headers):
    with pytest.raises(ForgedDeliveryError):
        verify_standard(headers, BODY, [NEW, OLD])


def test_standard_refuses_a_body_that_is_no_text():
    with pytest.raises(ForgedDeliveryError):
        verify_standard(standard_headers(NEW), b"\xff\xfe", [NEW])


@pytest.mark.parametrize("secrets", [[], [""]])
def test_standard_without_a_secret_accepts_nothing(secrets):
    with pytest.raises(ForgedDeliveryError):
        verify_standard(standard_headers(NEW), BODY, secrets)


def test_the_same_bytes_have_the_same_id():
    assert body_id(BODY) == body_id(bytes(BODY))
    assert body_id(BODY) != body_id(BODY + b" ")
