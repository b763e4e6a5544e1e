"""Workflow ids, task queues and search attributes: functions and tables, never loose strings."""

from temporalio.common import SearchAttributeKey

WORKFLOWS = "tutti"
"""Workflow code and the steps that only touch our own database."""
CHANNELS = "tutti-channels"
"""Every call to the outside, apart from workflow code: eager activities would get round rate limits."""

CONNECTION = SearchAttributeKey.for_keyword("tuttiConnection")
ORDER = SearchAttributeKey.for_keyword("tuttiOrder")
RETURN = SearchAttributeKey.for_keyword("tuttiReturn")
LAUNCH = SearchAttributeKey.for_keyword("tuttiLaunch")
STAGE = SearchAttributeKey.for_keyword("tuttiStage")
WAITS_FOR = SearchAttributeKey.for_keyword("tuttiWaitsFor")

SEARCH_ATTRIBUTES: list[SearchAttributeKey[str]] = [CONNECTION, ORDER, RETURN, LAUNCH, STAGE, WAITS_FOR]
"""A namespace has room for 10 Keyword attributes."""


def order_routing(order_id: str) -> str:
    """The run of an order; one at a time."""
    return f"order-routing/{order_id}"


def product_launch(launch_id: str) -> str:
    """The run of a launch; one at a time."""
    return f"product-launch/{launch_id}"


def return_handling(return_id: str) -> str:
    """The run of a return; one at a time."""
    return f"return-handling/{return_id}"


def sweep(connection_id: str) -> str:
    """The schedule that polls a connection for what its webhooks missed."""
    return f"sweep/{connection_id}"


STOCK_AUDIT = "stock-audit"
"""The schedule that recomputes the inventory ledger, and the prefix of its runs."""


def inventory_sync(connection_id: str) -> str:
    """The run that keeps a connection's stock numbers right; one at a time."""
    return f"inventory-sync/{connection_id}"


def content_sync(connection_id: str) -> str:
    """The run that keeps the content of a connection's listings right; one at a time."""
    return f"content-sync/{connection_id}"


def content_verification(connection_id: str) -> str:
    """The schedule that reads a connection's listings back, and the start of its runs' ids."""
    return f"content-verification/{connection_id}"


def stock_verification(connection_id: str) -> str:
    """The schedule that reads a connection's stock numbers back, and the start of its runs' ids."""
    return f"stock-verification/{connection_id}"
