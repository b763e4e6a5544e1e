"""What of content needs a person: one exception per cause, however many listings it holds up."""

import json
from typing import Any

from domain.causes import Cause
from domain.drift import Author

LOOK_AT = "tutti content listings --connection"


def rejected(connection_id: str, field: str, code: str, product_id: str) -> Cause:
    """The channel does not take a field; it closes by itself when the last such listing shows what it should."""
    if code == "contested":
        return Cause(
            kind="content_contested",
            subject=f"{connection_id}:{field}",
            title=f"Somebody else keeps changing {field} on {connection_id}, such as that of {product_id}",
            remedy="Find the app or person that writes it there and stop it, or leave the field to them "
            f"(owner of {field} in the connection's form); the hub answers once an hour meanwhile.",
            blocks=False,
        )
    if code in {"not_shown", "gone"}:
        what = "does not show what it accepted" if code == "not_shown" else "does not have the listing any more"
        return Cause(
            kind=f"content_{code}",
            subject=connection_id,
            title=f"{connection_id} {what}, such as {field or 'the listing'} of {product_id}",
            remedy=f"Look at the listing at the channel ({LOOK_AT} {connection_id} names them); "
            "launch it anew if it was taken away there. The hub tries again by itself.",
            blocks=False,
        )
    return Cause(
        kind="content_rejected",
        subject=f"{connection_id}:{field}:{code}",
        title=f"{connection_id} refuses {field or 'the change'} ({code}), such as that of {product_id}",
        remedy=f"Mend {field or 'the product'} in the master or in the connection's form "
        f"({LOOK_AT} {connection_id} names the listings); it is told again at once.",
        blocks=False,
    )


def held(connection_id: str, gate: str, product_id: str, text: str) -> Cause:
    """A gate holds changes back; it closes when the last of them has passed."""
    return Cause(
        kind="content_held",
        subject=f"{connection_id}:{gate}",
        title=f"Changes for {connection_id} are held by the gate {gate}, such as {product_id}: {text}",
        remedy=f"Mend what it found, or have it waived (tutti product check PRODUCT --channel {connection_id} shows it; "
        f"{LOOK_AT} {connection_id} --state held names the listings).",
        blocks=False,
    )


def asked(connection_id: str, field: str, author: Author, product_id: str = "", ours: Any = None, shown: Any = None) -> Cause:  # fmt: skip
    """Fields that wait for a person's word."""
    who = "the channel changed by itself" if author == "channel" else "somebody edited there"
    return Cause(
        kind="content_drift",
        subject=f"{connection_id}:{field}:{author}",
        title=f"{field} of listings on {connection_id} {who}, such as {product_id}: it reads {told(shown)}, ours is {told(ours)}",
        remedy=f"Compare them (tutti content drift --connection {connection_id}), then decide one by one: "
        f"tutti content repair ID, or accept ID; or all: tutti content decide {connection_id} {author} --field {field} repair.",
        blocks=False,
    )


def unreachable(connection_id: str) -> Cause:
    """Changes wait because the platform does not answer as it should."""
    return Cause(
        kind="content_unreachable",
        subject=connection_id,
        title=f"{connection_id} does not take changes of content now",
        remedy="The hub keeps trying; look at the platform's status page and the connection's health.",
        severity="critical",
        blocks=False,
    )


def told(value: Any, most: int = 80) -> str:
    """A value in a sentence."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return f"“{text[:most]}…”" if len(text) > most else f"“{text}”"
