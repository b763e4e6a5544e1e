"""Money at the platform that holds it: captured, given up, given back."""

from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from domain.base import Frozen
from domain.money import Money


class PaymentRequest(Frozen):
    """Money to be captured or given back through the platform that holds it."""

    reference: str = Field(description="our id of the movement")
    order_external_id: str
    amount: Money
    parent_external_id: str = Field(default="", description="the authorization or capture it builds on")
    lines: tuple[tuple[str, int], ...] = Field(default=(), description="(line external id, units) refunded")
    others: tuple[str, ...] = Field(
        default=(), description="movements on this payment that are known to be others: a look-up passes over them"
    )
    return_external_id: str = Field(default="", description="the channel's return that a refund settles")


class ShownPayment(Frozen):
    """A movement of money as the platform shows it."""

    external_id: str = Field(description="the movement's id, the same under which snapshots of the order name it")
    amount: Money
    state: Literal["done", "pending", "failed"] = Field(
        default="done", description="a refund can fail after it was taken: it then is there, and no money moved"
    )


@runtime_checkable
class TakesPayments(Protocol):
    """The payment port: captures what was authorized."""

    async def capture(self, request: PaymentRequest, key: str) -> ShownPayment:
        """Take money that was authorized."""

    async def find_capture(self, request: PaymentRequest) -> ShownPayment | None:
        """The capture, if it is there."""


@runtime_checkable
class VoidsPayments(Protocol):
    """Gives up what was authorized and not captured."""

    async def void(self, request: PaymentRequest, key: str) -> ShownPayment:
        """Release the authorization; RejectedError once it is captured."""

    async def find_void(self, request: PaymentRequest) -> ShownPayment | None:
        """The void, if it is there."""


@runtime_checkable
class RefundsOrders(Protocol):
    """Gives money back, and takes the units that it is for out of the order; an amount of 0 does only that."""

    async def refund(self, request: PaymentRequest, key: str) -> ShownPayment:
        """Give money back; never more than the platform holds (RejectedError)."""

    async def find_refund(self, request: PaymentRequest) -> ShownPayment | None:
        """The refund, if it is there."""
