"""Stripe's REST API, as far as the hub calls it."""

import hashlib
from collections.abc import Mapping

from connectors.errors import RejectedError, UnreadableError
from connectors.kit.http import Answer, HttpClient
from connectors.stripe.schemas import StripeAccount, StripeIntent, StripeList, StripeRefund

API_VERSION = "2024-06-20"
LONGEST_KEY = 255
PAGE = 100
MOST_PAGES = 20
MOST_KEYS = 20


class StripeClient:
    """One account; bodies are forms, as everywhere at Stripe. Source: https://docs.stripe.com/api."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def account(self) -> StripeAccount:
        return (await self._http.read("GET", "/v1/account")).read(StripeAccount)

    async def intent(self, intent_id: str) -> StripeIntent:
        return (await self._http.read("GET", f"/v1/payment_intents/{intent_id}")).read(StripeIntent)

    async def capture(self, intent_id: str, amount: int, key: str) -> StripeIntent:
        return await self._change_intent(intent_id, "capture", {"amount_to_capture": str(amount)}, key)

    async def cancel(self, intent_id: str, key: str) -> StripeIntent:
        return await self._change_intent(intent_id, "cancel", {}, key)

    async def _change_intent(self, intent_id: str, verb: str, form: Mapping[str, str], key: str) -> StripeIntent:
        return (await self._post(f"/v1/payment_intents/{intent_id}/{verb}", form, key)).read(StripeIntent)

    async def refund(self, form: Mapping[str, str], key: str) -> StripeRefund:
        return (await self._post("/v1/refunds", form, key)).read(StripeRefund)

    async def _post(self, path: str, form: Mapping[str, str], key: str) -> Answer:
        """A key that was refused once is refused for good, though no money moved: somebody asks again by another."""
        for again in range(1, MOST_KEYS):
            try:
                return await self._http.write(
                    "POST", path, data=form, headers=_keyed(key if again == 1 else f"{key}:{again}")
                )
            except RejectedError as refusal:
                if not refusal.is_replay:
                    raise
        return await self._http.write("POST", path, data=form, headers=_keyed(f"{key}:{MOST_KEYS}"))

    async def refunds_of(self, intent_id: str) -> tuple[StripeRefund, ...]:
        """All refunds of a payment, the failed ones too."""
        query = {"payment_intent": intent_id, "limit": str(PAGE)}
        found: list[StripeRefund] = []
        for _ in range(MOST_PAGES):
            page = (await self._http.read("GET", "/v1/refunds", params=query)).read(StripeList[StripeRefund])
            found += page.data
            if not page.has_more or not page.data:
                return tuple(found)
            query["starting_after"] = page.data[-1].id
        raise UnreadableError(
            "Stripe's list of refunds does not end", f"more than {MOST_PAGES} pages", field="has_more"
        )


def _keyed(key: str) -> dict[str, str]:
    """Stripe remembers a key for at least 24 hours and answers a repeat with the first answer, refusals included."""
    return {"Idempotency-Key": key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()}
