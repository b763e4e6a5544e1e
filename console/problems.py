"""What may go wrong between the console and the hub, in the hub's own words where it has any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


class HubError(Exception):
    """A call that gave nothing; the text says what to do."""

    title = "The hub could not do this"
    may_pass = False
    """Whether the same call may work in a moment."""


class UnreachableError(HubError):
    """Nobody answers; whether a change arrived is not known, and repeating it under its key is safe."""

    title = "The hub does not answer"
    may_pass = True


class BrokenError(HubError):
    """The hub answered that it failed (5xx), or not in its own form."""

    title = "The hub failed"
    may_pass = True


class SignedOutError(HubError):
    """The session is over and was not renewed."""

    title = "You are signed out"


class RefusedError(HubError):
    """The hub's problem+json: `code` is stable, `more` holds what this refusal says beyond the standard members."""

    title = "The hub refused this"

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or f"status {status}"))
        self.status = status
        self.code = str(problem.get("code", ""))
        self.fields: dict[str, str] = {
            str(wrong["field"]).rpartition(".")[2]: str(wrong["message"]) for wrong in problem.get("errors", ())
        }
        self.more = problem


class ChangedMeanwhileError(RefusedError):
    """Somebody else was faster: 412 `changed_meanwhile`."""

    title = "This was changed meanwhile"

    def __str__(self) -> str:
        """Who changed what, as far as the hub knows."""
        who, what = self.more.get("changed_by") or "Somebody", self.more.get("what")
        return f"{who} changed this meanwhile{f': {what}' if what else ''}. Look at it again before you decide."


def problem_of(answer: httpx.Response) -> HubError:
    """The error that an answer of 400 and above stands for."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or "code" not in body:
        return BrokenError(f"it answered with status {answer.status_code}, and not in its own words")
    if answer.is_server_error:
        return BrokenError(str(body.get("detail") or f"it answered with status {answer.status_code}"))
    kind = ChangedMeanwhileError if answer.status_code == 412 else RefusedError
    return kind(answer.status_code, body)
