"""The protocols between the hub and a platform; a connector can what the protocols say that its class satisfies.

Every write is a pair of `do` and `find`: `key` is the effect's stable key, used as the platform's idempotency key where it
has one; `find` looks the result up by our reference, proves a write whose answer was lost, and reads the others back.
"""

from connectors.contract.base import Connector, Surroundings, TaskList
from connectors.contract.carrier import BuysLabels, Label, LabelRequest, TracksParcels
from connectors.contract.deliveries import Delivery, QueuedDelivery, QueuesDeliveries, ReadsNews, ReceivesWebhooks
from connectors.contract.effects import Begun, Effect, EffectLedger
from connectors.contract.fulfillment import (
    ReportsFulfillment,
    ShipmentNotice,
    ShownShipment,
    TakesFulfillmentOrders,
    TakesTracking,
)
from connectors.contract.listings import (
    ChecksListings,
    GivesListingSchema,
    ListingForm,
    ListingIssue,
    ListingRef,
    ListingResult,
    PublicListing,
    ShownListing,
    StagesListings,
    TakesListings,
    VariantForm,
)
from connectors.contract.onboarding import Access, CanBeOnboarded, RemoteLocation, RemoteStock, SubscribesToWebhooks
from connectors.contract.orders import (
    CancelRequest,
    CancelsOrders,
    GivesOrders,
    ListedOrder,
    OrderPage,
    ShownCancel,
)
from connectors.contract.payments import PaymentRequest, RefundsOrders, ShownPayment, TakesPayments, VoidsPayments
from connectors.contract.returns import ReturnRequest, ShownReturn, TakesReturns
from connectors.contract.stock import GivesStockNews, StockNewsPage, StockResult, StockSetting, TakesStockLevels

__all__ = [
    "PROTOCOLS",
    "Access",
    "Begun",
    "BuysLabels",
    "CanBeOnboarded",
    "CancelRequest",
    "CancelsOrders",
    "ChecksListings",
    "Connector",
    "Delivery",
    "Effect",
    "EffectLedger",
    "GivesListingSchema",
    "GivesOrders",
    "GivesStockNews",
    "Label",
    "LabelRequest",
    "ListedOrder",
    "ListingForm",
    "ListingIssue",
    "ListingRef",
    "ListingResult",
    "OrderPage",
    "PaymentRequest",
    "PublicListing",
    "QueuedDelivery",
    "QueuesDeliveries",
    "ReadsNews",
    "ReceivesWebhooks",
    "RefundsOrders",
    "RemoteLocation",
    "RemoteStock",
    "ReportsFulfillment",
    "ReturnRequest",
    "ShipmentNotice",
    "ShownCancel",
    "ShownListing",
    "ShownPayment",
    "ShownReturn",
    "ShownShipment",
    "StagesListings",
    "StockNewsPage",
    "StockResult",
    "StockSetting",
    "SubscribesToWebhooks",
    "Surroundings",
    "TakesFulfillmentOrders",
    "TakesListings",
    "TakesPayments",
    "TakesReturns",
    "TakesStockLevels",
    "TakesTracking",
    "TaskList",
    "TracksParcels",
    "VariantForm",
    "VoidsPayments",
    "capabilities",
]

PROTOCOLS: tuple[type, ...] = (
    ReceivesWebhooks,
    QueuesDeliveries,
    GivesOrders,
    TakesFulfillmentOrders,
    ReportsFulfillment,
    TakesTracking,
    CancelsOrders,
    TakesPayments,
    VoidsPayments,
    RefundsOrders,
    TakesReturns,
    BuysLabels,
    TracksParcels,
    TakesStockLevels,
    GivesStockNews,
    TakesListings,
    StagesListings,
    ChecksListings,
    GivesListingSchema,
    CanBeOnboarded,
    SubscribesToWebhooks,
)


def capabilities(connector: type | object) -> frozenset[str]:
    """The names of the protocols that a connector (class or instance) satisfies."""
    has = connector if isinstance(connector, type) else type(connector)
    return frozenset(protocol.__name__ for protocol in PROTOCOLS if issubclass(has, protocol))
