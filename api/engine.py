"""Temporal, for the few requests that a run itself must answer."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.errors import ProblemError
from domain.errors import DomainError
from runtime.settings import Settings
from runtime.temporal import connect

WITHIN = timedelta(seconds=8)
STARTS_AFTER = (0.2, 0.4, 0.8, 1.6)
"""Seconds between tries: a run is started by the relay, a moment after the fact that asks for it."""


class Engine:
    """Connected at the first call: the API starts and answers while Temporal is down."""

    def __init__(self, settings: Settings, client: Client | None = None) -> None:
        self._settings = settings
        self._client = client

    async def update(self, workflow_id: str, update: Any, argument: Any, *, update_id: str) -> None:
        """Ask a run to do something; its refusal is a DomainError, silence a 503."""
        for pause in (*STARTS_AFTER, None):
            try:
                client = await self._connected()
                handle = client.get_workflow_handle(workflow_id)
                await handle.execute_update(update, argument, id=update_id, rpc_timeout=WITHIN)
            except WorkflowUpdateFailedError as refusal:
                raise _refusal(refusal) from None
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND or pause is None:
                    text = "the run does not answer; try again in a moment (tutti doctor says whether Temporal is up)"
                    raise ProblemError(503, "engine_unavailable", text) from error
                await asyncio.sleep(pause)
            else:
                return

    async def _connected(self) -> Client:
        if self._client is None:
            self._client = await connect(self._settings, lazy=True)
        return self._client


def _refusal(refusal: WorkflowUpdateFailedError) -> DomainError:
    cause: BaseException | None = refusal.cause
    while cause is not None and not isinstance(cause, ApplicationError):
        cause = getattr(cause, "cause", None)
    code = cause.type if isinstance(cause, ApplicationError) and cause.type else "refused"
    return DomainError(code, cause.message if isinstance(cause, ApplicationError) else "the run refused it")
