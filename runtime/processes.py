"""What has runs, as the relay sees it: the process, how its run is named and started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from db.runs import ORDER_RUNS, RETURN_RUNS, Due, Runs
from domain.refs import OrderRef, ReturnRef
from workflows.names import CONNECTION, ORDER, RETURN, order_routing, return_handling
from workflows.order_routing import OrderRouting
from workflows.return_handling import ReturnHandling

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Process:
    """One kind of process with a run per thing; `word` is what people call the thing."""

    word: str
    runs: Runs
    workflow: type[OrderRouting | ReturnHandling]
    run_id: Callable[[str], str]
    given: Callable[[Due, int], OrderRef | ReturnRef]
    attribute: SearchAttributeKey[str]

    @property
    def name(self) -> str:
        """The workflow's type."""
        return self.workflow.__name__

    def options(self, row: Due) -> dict[str, Any]:
        """How people find its run in the Temporal UI."""
        return {
            "static_summary": f"{self.word} {row.called} from {row.connection_id}",
            "search_attributes": TypedSearchAttributes(
                [SearchAttributePair(CONNECTION, row.connection_id), SearchAttributePair(self.attribute, row.id)]
            ),
        }


def _order(row: Due, run_no: int) -> OrderRef:
    return OrderRef(order_id=row.id, run_no=run_no, connection_id=row.connection_id)


def _return(row: Due, run_no: int) -> ReturnRef:
    return ReturnRef(return_id=row.id, run_no=run_no, connection_id=row.connection_id)


ORDERS = Process("Order", ORDER_RUNS, OrderRouting, order_routing, _order, ORDER)
RETURNS = Process("Return", RETURN_RUNS, ReturnHandling, return_handling, _return, RETURN)
PROCESSES = (ORDERS, RETURNS)
