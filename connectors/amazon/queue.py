"""The SQS queue that Amazon's notifications arrive in, by SQS's own JSON protocol."""

from collections.abc import Mapping
from typing import Any, Self

from httpx_aws_auth import AwsCredentials, AwsSigV4Auth

from connectors.amazon import notifications
from connectors.amazon.schemas import SqsDeleted, SqsMessages
from connectors.contract import QueuedDelivery, Surroundings
from connectors.errors import OutcomeUnknownError
from connectors.kit.http import HttpClient, HttpSettings

AT_ONCE = 10
WAIT_S = 5
"""A long poll: an empty queue answers after this, a message at once."""


class Queue:
    """Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/."""

    def __init__(self, http: HttpClient, address: str, auth: AwsSigV4Auth) -> None:
        self._http = http
        self._address = address
        self._auth = auth

    @classmethod
    def open(cls, address: str, credentials: AwsCredentials, region: str, around: Surroundings) -> Self:
        http = HttpClient.open(HttpSettings(platform="Amazon SQS", base_url=address), around)
        return cls(http, address, AwsSigV4Auth(credentials=credentials, region=region, service="sqs"))

    async def close(self) -> None:
        await self._http.close()

    async def receive(self) -> tuple[QueuedDelivery, ...]:
        """Messages stay in the queue, unseen for its visibility timeout, until they are acknowledged."""
        body = {"MaxNumberOfMessages": AT_ONCE, "WaitTimeSeconds": WAIT_S}
        answer = await self._http.read("POST", self._address, **self._request("ReceiveMessage", body))
        return tuple(
            QueuedDelivery(delivery=notifications.delivery_of(message.Body.encode()), receipt=message.ReceiptHandle)
            for message in answer.read(SqsMessages).Messages
        )

    async def delete(self, receipts: tuple[str, ...]) -> None:
        for start in range(0, len(receipts), AT_ONCE):
            part = receipts[start : start + AT_ONCE]
            entries = [{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(part)]
            answer = await self._http.write(
                "POST", self._address, **self._request("DeleteMessageBatch", {"Entries": entries})
            )
            if answer.read(SqsDeleted).Failed:
                raise OutcomeUnknownError("Amazon's queue kept some messages", "DeleteMessageBatch failed in part")

    def _request(self, action: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"x-amz-target": f"AmazonSQS.{action}", "content-type": "application/x-amz-json-1.0"}
        return {"json": {"QueueUrl": self._address, **body}, "headers": headers, "auth": self._auth}
