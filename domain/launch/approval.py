"""Who may approve a launch: four eyes, and a role that is high enough."""

from collections.abc import Collection

from domain.base import Frozen
from domain.errors import DomainError

APPROVING = frozenset({"operations", "admin"})


class Approval(Frozen):
    """One person's yes; `origin` is where the request came from."""

    actor: str
    role: str
    origin: str = ""


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
