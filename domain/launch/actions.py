"""What a person may do with a launch now: the buttons that a page shows."""

from typing import Literal

from domain.errors import DomainError
from domain.launch.approval import APPROVING, Approval, check_approval
from domain.launch.standing import LaunchStanding

Action = Literal[
    "approve", "pause", "resume", "move", "add-channel", "drop-channel", "recheck", "cancel", "rehearse"
]  # fmt: skip


def allowed(at: LaunchStanding, *, is_paused: bool, is_staged: bool, actor: str, role: str) -> tuple[Action, ...]:
    """For this person; four eyes and the role count."""
    if role not in APPROVING:
        return ()
    if at.outcome is not None:
        return ("rehearse",)
    if at.barrier_passed or at.stage == "restoring":
        return ("rehearse", "cancel")
    actions: list[Action] = ["resume" if is_paused else "pause", "move", "add-channel", "drop-channel", "recheck"]
    if is_staged and may_approve(at, actor, role):
        actions.insert(0, "approve")
    return (*actions, "rehearse", "cancel")


def may_approve(at: LaunchStanding, actor: str, role: str) -> bool:
    """Whether this person's yes would count."""
    if len(at.approved_by) >= at.approvals:
        return False
    try:
        check_approval(Approval(actor=actor, role=role), at.created_by, at.approved_by, is_decided=False)
    except DomainError:
        return False
    return True
