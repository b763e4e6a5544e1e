"""What the buyer is told by mail. Personal data: lives no longer than the call that sends it."""

from domain.base import Frozen

_TEXTS: dict[str, tuple[str, str]] = {
    "approved": ("Your return {rma} is approved", "You may send back what you announced of order {number}."),
    "refused": ("Your return {rma} was not accepted", "We cannot take back what you announced of order {number}."),
    "reminder": ("We still wait for your return {rma}", "We have not received the goods of order {number} yet."),
    "refund": ("Your refund for order {number}", "Money for return {rma} is on its way to where you paid from."),
    "exchange": ("Your exchange for order {number}", "The new order for return {rma} is on its way."),
    "expired": ("Your return {rma} has ended", "The goods of order {number} did not arrive in time."),
    "withdrawn": ("Your return {rma} was withdrawn", "Nothing of order {number} is expected back any more."),
}


class Message(Frozen):
    """One mail; the same key is the same mail."""

    key: str
    to: str
    subject: str
    text: str

    @classmethod
    def about(cls, event: str, *, key: str, to: str, order_number: str, return_id: str) -> "Message":
        """The words for something that happened to a return."""
        subject, text = (part.format(rma=return_id, number=order_number) for part in _TEXTS[event])
        return cls(key=key, to=to, subject=subject, text=text)


class SentMessage(Frozen):
    """A mail that the mail server took."""

    key: str
