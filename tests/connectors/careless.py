"""Connectors that each make one classic mistake; the certification suite must catch every one of them."""

import json
import random
from collections.abc import Mapping

from pydantic import ConfigDict, create_model

from connectors.contract import Delivery
from connectors.errors import ConnectorError, OutcomeUnknownError, RejectedError, TryAgainError
from connectors.shipbob.connector import ShipBobConfig, ShipBobConnector
from domain.fulfillment import FulfillmentRequest, SentFulfillmentOrder
from domain.news import News

PlainConfig = create_model("PlainConfig", __base__=ShipBobConfig, __config__=ConfigDict(frozen=True), token=(str, ...))


class ShowsItsToken(ShipBobConnector):
    Config = PlainConfig


class TrustsEveryone(ShipBobConnector):
    def verify(self, delivery: Delivery) -> None:
        """Anyone may say anything."""


class KnowsOneSecret(ShipBobConnector):
    def verify(self, delivery: Delivery) -> None:
        self._config = self._config.model_copy(update={"webhook_secrets": self._config.webhook_secrets[:1]})
        super().verify(delivery)


class MakesUpEventIds(ShipBobConnector):
    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        return super().identify(headers, body).model_copy(update={"event_id": str(random.random())})


class BelievesEveryBody(ShipBobConnector):
    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        json.loads(body)["tracking"]["tracking_number"]
        return super().read(topic, body)


class Spoiled(ShipBobConnector):
    """Sends like the real one, then spoils what came of it."""

    async def send_fulfillment_order(self, request: FulfillmentRequest, key: str) -> SentFulfillmentOrder:
        try:
            return await super().send_fulfillment_order(request, key)
        except ConnectorError as failure:
            raise self.spoil(failure, request) from None

    def spoil(self, failure: ConnectorError, request: FulfillmentRequest) -> Exception:
        return failure


class RepeatsTheUnknown(Spoiled):
    def spoil(self, failure, request):
        return TryAgainError("x") if isinstance(failure, OutcomeUnknownError) else failure


class GivesUpTheUnknown(Spoiled):
    def spoil(self, failure, request):
        return RejectedError("x") if isinstance(failure, OutcomeUnknownError) else failure


class DoubtsEverything(Spoiled):
    def spoil(self, failure, request):
        return OutcomeUnknownError("x") if isinstance(failure, TryAgainError) else failure


class ForgetsHowLongToWait(Spoiled):
    def spoil(self, failure, request):
        return TryAgainError("x") if isinstance(failure, TryAgainError) else failure


class Crashes(Spoiled):
    def spoil(self, failure, request):
        return KeyError("id")


class TellsTheBuyersName(Spoiled):
    def spoil(self, failure, request):
        failure.engineer += f" for {request.buyer.name}"
        return failure


class TellsTheToken(Spoiled):
    def spoil(self, failure, request):
        failure.args = (f"sent {self._config.token.get_secret_value()}",)
        return failure


class RetriesByItself(ShipBobConnector):
    async def check(self):
        try:
            return await super().check()
        except TryAgainError:
            return await super().check()


class FindsNothing(ShipBobConnector):
    async def find_fulfillment_order(self, reference: str) -> SentFulfillmentOrder | None:
        await super().find_fulfillment_order(reference)
        return None


class RandomReference(ShipBobConnector):
    """Every attempt is a new order, and the look-up is too clever to notice."""

    async def send_fulfillment_order(self, request: FulfillmentRequest, key: str) -> SentFulfillmentOrder:
        fresh = request.model_copy(update={"reference": f"{request.reference}-{random.random()}"})
        return await super().send_fulfillment_order(fresh, key)

    async def find_fulfillment_order(self, reference: str) -> SentFulfillmentOrder | None:
        orders = await self._client.orders_by_reference("")
        return SentFulfillmentOrder(external_id="1", reference=reference, state="open") if orders else None


MISTAKES = {
    ShowsItsToken: "config_yields_a_form_and_hides_its_secrets",
    TrustsEveryone: "forged_deliveries_are_refused",
    KnowsOneSecret: "current_and_previous_secret_are_accepted",
    MakesUpEventIds: "deliveries_keep_their_identity",
    BelievesEveryBody: "mangled_bodies_are_named_not_crashed_on",
    RepeatsTheUnknown: "an_unanswered_write_is_unknown_and_found",
    GivesUpTheUnknown: "an_unreadable_answer_to_a_write_is_no_refusal",
    DoubtsEverything: "a_write_that_never_left_may_be_repeated",
    ForgetsHowLongToWait: "refusals_are_classified",
    Crashes: "malformed_answers_are_connector_errors",
    TellsTheBuyersName: "echoed_secrets_stay_out_of_texts",
    TellsTheToken: "echoed_secrets_stay_out_of_texts",
    RetriesByItself: "an_exchange_is_made_once",
    FindsNothing: "an_undisturbed_write_is_found",
    RandomReference: "a_repeated_write_is_committed_once",
}
