"""Who may approve a launch: four eyes, and a role that is high enough."""

import hashlib
import json
from collections.abc import Collection
from typing import Any

from domain.base import Frozen
from domain.errors import DomainError

APPROVING = frozenset({"operations", "admin"})


class Approval(Frozen):
    """One person's yes; `origin` is where the request came from.

    `content` is the digest of what the person has looked at; empty: of what is staged when it arrives.
    """

    actor: str
    role: str
    origin: str = ""
    content: str = ""


def check_approval(approval: Approval, created_by: str, approved_by: Collection[str], *, is_decided: bool) -> None:
    """DomainError unless this person may approve it now."""
    if is_decided:
        raise DomainError("launch_decided", "the launch has passed its barrier or is over: there is nothing to approve")
    if approval.role not in APPROVING:
        raise DomainError("role_too_low", "approving a launch needs the role operations")
    if approval.actor == created_by:
        raise DomainError("four_eyes", "whoever made the launch cannot approve it; ask somebody else")
    if approval.actor in approved_by:
        raise DomainError("approved_already", "you have approved it already; another person must")


def check_content(approval: Approval, staged: str) -> None:
    """DomainError unless what is staged is what this person has looked at."""
    if not staged:
        raise DomainError("not_staged", "not everything is staged yet: look at it when it is, then approve it")
    if approval.content and approval.content != staged:
        text = "content: what is staged has changed since you looked at it; look at the launch again, then approve it"
        raise DomainError("content_changed", text)


def digest(content: Any) -> str:
    """The same for the same content, whatever the order of its fields."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
