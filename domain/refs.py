"""What workflows and activities pass each other: ids only."""

from datetime import datetime

from domain.base import Frozen


class OrderRef(Frozen):
    """An order and the number of its run; a run whose number is no longer the order's own is superseded."""

    order_id: str
    run_no: int
    connection_id: str


class ReturnRef(Frozen):
    """A return and the number of its run; a run whose number is no longer the return's own is superseded."""

    return_id: str
    run_no: int
    connection_id: str


class DutyRef(Frozen):
    """One thing that a return asks of a connection."""

    given: ReturnRef
    id: str
    kind: str
    connection_id: str


class ReturnOutcome(Frozen):
    """How a return's run ended."""

    return_id: str
    outcome: str


class Recorded(Frozen):
    """Facts up to this number are on record: look."""

    seq: int


class Part(Frozen):
    """One fulfillment order or shipment of an order, and the connection that is to be called about it."""

    order: OrderRef
    id: str
    connection_id: str


class OrderOutcome(Frozen):
    """How an order's run ended."""

    order_id: str
    outcome: str


class ConnectionRef(Frozen):
    """A connection."""

    connection_id: str


class Swept(Frozen):
    """What a sweep found: orders looked at, and those that webhooks had missed."""

    connection_id: str
    seen: int = 0
    missed: int = 0
    reports: int = 0
    counts: int = 0
    scans: int = 0
    subscriptions_repaired: int = 0


class Certified(Frozen):
    """A certificate that was made, and whether every check in it held."""

    number: int
    holds: bool


class SyncCursor(Frozen):
    """A connection's inventory sync, and how many times it has been at work: all that the run itself remembers."""

    connection_id: str
    turns: int = 0


class Published(Frozen):
    """How a turn of publishing ended: when there is something to do again, and whether the flow was switched off."""

    connection_id: str
    due_at: datetime | None = None
    is_off: bool = False


class VerificationCursor(Frozen):
    """A round of verification, the item up to which it has come, and what it has found."""

    connection_id: str
    round: int = 0
    after: str = ""
    looked: int = 0
    wrong: int = 0
    is_over: bool = False
