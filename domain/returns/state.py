"""A return as its facts show it: everything that decides what happens next, without the person."""

from datetime import datetime
from typing import Literal

from domain.base import Frozen
from domain.order_state import Trouble
from domain.returns.policy import Instant

Method = Literal["label", "drop_off", "in_store", "refused_delivery", "keep"]
Resolution = Literal["refund", "exchange"]
Decision = Literal["", "approved", "refused"]
DutyKind = Literal["register", "decline", "process", "close", "label", "void_label", "refund", "notify"]
DutyState = Literal["", "done", "refused", "skipped"]
AT_CHANNEL: frozenset[str] = frozenset({"register", "decline", "process", "close"})
"""The channel is told one thing after the other: each builds on what it shows of the one before."""
COMES_BY_ITSELF: frozenset[str] = frozenset({"label", "drop_off", "refused_delivery"})


class Duty(Frozen):
    """One write to the outside that a return asks for; empty means that it is still to be made."""

    id: str
    kind: DutyKind
    connection_id: str
    state: DutyState = ""
    number: int = 0
    round: int = 1


class ReturnLine(Frozen):
    """Units of one order line; a bundle's unit counts when all of its parts are there.

    `accepted` are those received in a condition that is paid for, `paid` those for which value was given.
    """

    line_id: str
    announced: int
    authorized: int = 0
    received: int = 0
    graded: int = 0
    accepted: int = 0
    paid: int = 0
    inspection: bool = False


class ReturnState(Frozen):
    """One return."""

    id: str
    order_id: str
    connection_id: str
    seq: int
    run_no: int = 0
    decision: Decision = ""
    method: Method
    resolution: Resolution = "refund"
    instant: Instant = "never"
    from_channel: bool = False
    opened_at: datetime
    remind_at: datetime | None = None
    expires_at: datetime | None = None
    first_scan_at: datetime | None = None
    received_at: datetime | None = None
    lost_at: datetime | None = None
    expired: bool = False
    withdrawn: bool = False
    grades_settled: bool = False
    claw_back: Literal["", "due", "settled"] = ""
    lines: tuple[ReturnLine, ...] = ()
    strange_units: int = 0
    ungraded_units: int = 0
    rejected_units: int = 0
    uncovered_minor: int = 0
    uncovered_why: str = ""
    disputed: bool = False
    duties: tuple[Duty, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    exchange_order_id: str = ""
    stopped: bool = False
    round: int = 1
    acknowledged: frozenset[str] = frozenset()
    paused_connections: frozenset[str] = frozenset()

    @property
    def missing(self) -> int:
        """Units that were authorized and have not come."""
        return sum(max(0, line.authorized - line.received) for line in self.lines)

    @property
    def surplus(self) -> int:
        """Units that came beyond what was authorized."""
        return sum(max(0, line.received - line.authorized) for line in self.lines)

    @property
    def has_given(self) -> bool:
        """Value was decided to go back to the buyer: the pivot."""
        return any(line.paid for line in self.lines) or bool(self.exchange_order_id)

    @property
    def unpaid_missing(self) -> int:
        """Units that were paid for and never came."""
        return sum(max(0, line.paid - line.received) for line in self.lines) if self.method != "keep" else 0

    @property
    def expects_goods(self) -> bool:
        return self.method != "keep" and not self.expired and not self.withdrawn and self.missing > 0

    def entitled(self, line: ReturnLine) -> int:
        """Units of a line for which the buyer is to have the value now."""
        instantly = self.instant == "approval" or (self.instant == "first_scan" and self.first_scan_at is not None)
        if self.method == "keep" or (instantly and not self.expired):
            return line.authorized
        return min(line.authorized, line.accepted if line.inspection else line.received)

    def owed(self) -> dict[str, int]:
        """Units per line whose value has not been given yet."""
        if self.decision != "approved" or self.disputed:
            return {}
        return {line.line_id: n for line in self.lines if (n := self.entitled(line) - line.paid) > 0}
