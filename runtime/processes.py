"""What has runs, as the relay sees it: the process, how its run is named and started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from db.runs import LAUNCH_RUNS, ORDER_RUNS, RETURN_RUNS, Due, Runs
from domain.launch.standing import LaunchRef
from domain.refs import OrderRef, ReturnRef
from workflows.names import CONNECTION, LAUNCH, ORDER, RETURN, order_routing, product_launch, return_handling
from workflows.order_routing import OrderRouting
from workflows.product_launch import ProductLaunch
from workflows.return_handling import ReturnHandling

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Process:
    """One kind of process with a run per thing; `word` is what people call the thing."""

    word: str
    runs: Runs
    workflow: type[OrderRouting | ProductLaunch | ReturnHandling]
    run_id: Callable[[str], str]
    given: Callable[[Due, int], OrderRef | ReturnRef | LaunchRef]
    attribute: SearchAttributeKey[str]

    @property
    def name(self) -> str:
        """The workflow's type."""
        return self.workflow.__name__

    def options(self, row: Due) -> dict[str, Any]:
        """How people find its run in the Temporal UI."""
        pairs = [SearchAttributePair(self.attribute, row.id)]
        summary = f"{self.word} {row.called}"
        if row.connection_id:
            pairs.append(SearchAttributePair(CONNECTION, row.connection_id))
            summary = f"{summary} from {row.connection_id}"
        return {"static_summary": summary, "search_attributes": TypedSearchAttributes(pairs)}


def _order(row: Due, run_no: int) -> OrderRef:
    return OrderRef(order_id=row.id, run_no=run_no, connection_id=row.connection_id)


def _return(row: Due, run_no: int) -> ReturnRef:
    return ReturnRef(return_id=row.id, run_no=run_no, connection_id=row.connection_id)


def _launch(row: Due, run_no: int) -> LaunchRef:
    return LaunchRef(launch_id=row.id, run_no=run_no)


ORDERS = Process("Order", ORDER_RUNS, OrderRouting, order_routing, _order, ORDER)
RETURNS = Process("Return", RETURN_RUNS, ReturnHandling, return_handling, _return, RETURN)
LAUNCHES = Process("Launch", LAUNCH_RUNS, ProductLaunch, product_launch, _launch, LAUNCH)
PROCESSES = (ORDERS, RETURNS, LAUNCHES)
