"""The queue of notifications: SQS's JSON protocol, requests signed by Signature Version 4."""

import asyncio
import hashlib
import hmac
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.amazon.account import Account, Json
from sandbox.faults import FaultKind, Faults

CREDENTIAL = re.compile(
    r"Credential=([^/]+)/(\d{8})/([\w-]+)/sqs/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w+)"
)
LONGEST_WAIT_S = 20.0


@dataclass
class Message:
    body: str
    seen_from: float
    receipt: str = field(default_factory=lambda: uuid.uuid4().hex)


class Queue:
    """Delivers at least once: what is received and not deleted shows up again."""

    def __init__(self, faults: Faults, account: Account) -> None:
        self._faults = faults
        self.account = account
        self.messages: list[Message] = []

    def notify(self, kind: str, payload: Json) -> None:
        """Put a notification in, if somebody subscribed to its kind; the plan's webhook faults strike here."""
        if kind not in self.account.subscriptions:
            return
        hits = self._faults.strike("amazon", kind, *_ON_QUEUE)
        if FaultKind.WEBHOOK_LOST in hits:
            return
        held_back = [hits[kind].seconds for kind in _HOLDING if kind in hits]
        now = datetime.now(UTC).isoformat()
        body = {
            "NotificationVersion": "1.0",
            "NotificationType": kind,
            "PayloadVersion": "1.0",
            "EventTime": now,
            "Payload": payload,
            "NotificationMetadata": {
                "ApplicationId": self.account.settings.client_id,
                "SubscriptionId": self.account.subscriptions[kind]["subscriptionId"],
                "PublishTime": now,
                "NotificationId": str(uuid.uuid4()),
            },
        }
        copies = 2 if FaultKind.WEBHOOK_DUPLICATED in hits else 1
        for _ in range(copies):
            self.messages.append(Message(json.dumps(body), time.monotonic() + max(held_back, default=0.0)))

    async def serve(self, request: Request) -> Response:
        raw = await request.body()
        if not self._is_signed(request, raw):
            return _error(403, "SignatureDoesNotMatch")
        body = json.loads(raw)
        match request.headers.get("x-amz-target"):
            case "AmazonSQS.ReceiveMessage":
                return await self._receive(
                    int(body.get("MaxNumberOfMessages", 1)), float(body.get("WaitTimeSeconds", 0))
                )
            case "AmazonSQS.DeleteMessageBatch":
                return self._delete(body["Entries"])
        return _error(400, "InvalidAction")

    async def _receive(self, most: int, wait: float) -> Response:
        until = time.monotonic() + min(wait, LONGEST_WAIT_S)
        ready = self._ready()[:most]
        while not ready and time.monotonic() < until:
            await asyncio.sleep(0.05)
            ready = self._ready()[:most]
        for message in ready:
            message.seen_from = time.monotonic() + self.account.settings.queue_hides_for
            message.receipt = uuid.uuid4().hex
        told = [
            {"MessageId": str(uuid.uuid4()), "ReceiptHandle": message.receipt, "Body": message.body,
             "MD5OfBody": hashlib.md5(message.body.encode(), usedforsecurity=False).hexdigest()}
            for message in ready
        ]  # fmt: skip
        return _answer({"Messages": told} if told else {})

    def _ready(self) -> list[Message]:
        now = time.monotonic()
        return [message for message in self.messages if message.seen_from <= now]

    def _delete(self, entries: list[Json]) -> Response:
        gone = {entry["ReceiptHandle"] for entry in entries}
        self.messages = [message for message in self.messages if message.receipt not in gone]
        return _answer({"Successful": [{"Id": entry["Id"]} for entry in entries], "Failed": []})

    def _is_signed(self, request: Request, body: bytes) -> bool:
        found = CREDENTIAL.search(request.headers.get("authorization", ""))
        settings = self.account.settings
        if found is None or found[1] != settings.aws_access_key:
            return False
        _, day, region, signed, signature = found.groups()
        headers = "".join(f"{name}:{request.headers.get(name, '')}\n" for name in signed.split(";"))
        path = request.scope["raw_path"].decode() if request.scope.get("raw_path") else request.url.path
        asked = "\n".join(("POST", path, "", headers, signed, hashlib.sha256(body).hexdigest()))
        scope = f"{day}/{region}/sqs/aws4_request"
        digest = hashlib.sha256(asked.encode()).hexdigest()
        text = "\n".join(("AWS4-HMAC-SHA256", request.headers.get("x-amz-date", ""), scope, digest))
        key = ("AWS4" + settings.aws_secret_key).encode()
        for part in (day, region, "sqs", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), signature)


def _answer(body: Json) -> Response:
    return JSONResponse(body, media_type="application/x-amz-json-1.0")


def _error(status: int, code: str) -> Response:
    return JSONResponse({"__type": f"com.amazonaws.sqs#{code}", "message": code}, status)


_HOLDING = (FaultKind.WEBHOOK_LATE, FaultKind.WEBHOOK_REORDERED)
_ON_QUEUE = (FaultKind.WEBHOOK_LOST, FaultKind.WEBHOOK_DUPLICATED, *_HOLDING)
