"""A connector's config, and whether its samples cover what it can."""

import json
import re

from connectors.contract import PROTOCOLS, Connector
from connectors.testing.scene import secrets_of
from connectors.testing.subject import Subject

SECRETIVE = re.compile(r"token|secret|passw|private_key|api_key")
WRITES = {
    "TakesFulfillmentOrders": {"send_fulfillment_order", "recall_fulfillment_order"},
    "TakesTracking": {"report_shipment"},
    "CancelsOrders": {"cancel_order"},
    "TakesPayments": {"capture"},
    "VoidsPayments": {"void"},
    "RefundsOrders": {"refund"},
    "TakesReturns": {"open_return", "decline_return", "process_return", "close_return"},
    "BuysLabels": {"buy_label", "void_label"},
    "TakesStockLevels": {"set_stock"},
    "TakesListings": {"publish_listings", "unpublish_listings", "write_listings", "remove_listings"},
    "StagesListings": {"stage_listings"},
    "SubscribesToWebhooks": {"subscribe"},
}
READS = {
    "GivesOrders": {"orders_since", "fetch_order"},
    "TakesFulfillmentOrders": {"find_fulfillment_order"},
    "ReportsFulfillment": {"reports_of"},
    "TakesTracking": {"find_shipment"},
    "CancelsOrders": {"find_cancel"},
    "TakesPayments": {"find_capture"},
    "VoidsPayments": {"find_void"},
    "RefundsOrders": {"find_refund"},
    "TakesReturns": {"find_return"},
    "BuysLabels": {"find_label"},
    "TracksParcels": {"scans_of"},
    "TakesStockLevels": {"read_stock"},
    "GivesStockNews": {"stock_news_since", "fetch_sale"},
    "TakesListings": {"read_listings", "public_listings"},
    "ChecksListings": {"check_listings"},
    "GivesListingSchema": {"listing_schema"},
    "CanBeOnboarded": {"check", "locations", "opening_stock"},
    "SubscribesToWebhooks": {"missing_subscriptions"},
}


def can(connector: type[Connector]) -> set[str]:
    """The names of the protocols that the class satisfies."""
    return {protocol.__name__ for protocol in PROTOCOLS if issubclass(connector, protocol)}


async def config_yields_a_form_and_hides_its_secrets(subject: Subject) -> None:
    """The schema becomes the console's form; a printed config shows no secret."""
    async with subject.stage() as stage:
        config = subject.connector.Config.model_validate(stage.config)
        is_remote = stage.transport is not None
    schema = subject.connector.Config.model_json_schema()
    assert schema["type"] == "object", "the schema of a config must be an object"
    assert schema["properties"] or not is_remote, "a config without fields reaches no account"
    bare = [name for name, field in schema["properties"].items() if SECRETIVE.search(name) and not _is_masked(field)]
    assert not bare, f"{bare} look like secrets and are not SecretStr"
    secrets = secrets_of(config)
    assert secrets or not is_remote, "no field is a SecretStr: how is the account reached?"
    shown = repr(config) + str(config) + json.dumps(config.model_dump(mode="json"))
    assert not [secret for secret in secrets if secret in shown], "a printed config shows a secret"


def _is_masked(field: object) -> bool:
    return "writeOnly" in json.dumps(field)


async def samples_cover_every_capability(subject: Subject) -> None:
    """A capability without a sample would be certified without having been tried."""
    async with subject.stage() as stage:
        reads = {call.method for call in stage.calls if call.committed is None}
        writes = {call.method for call in stage.calls if call.committed is not None}
        has_webhook = stage.webhook is not None
        reads |= set(stage.without_exchange)
    capabilities = can(subject.connector)
    assert capabilities, "the connector satisfies no protocol"
    missing = {method for name in capabilities for method in WRITES.get(name, ())} - writes
    missing |= {method for name in capabilities for method in READS.get(name, ())} - reads
    assert not missing, f"no sample call for {sorted(missing)}"
    assert has_webhook or "ReceivesWebhooks" not in capabilities, "no sample webhook"
