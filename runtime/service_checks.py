"""What `tutti doctor` asks the services: database, Temporal, worker, API, console, connections."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
from alembic.script import ScriptDirectory
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest, GetSystemInfoRequest

from db import connections
from db.migrate import FOLDER, current
from db.session import Database
from runtime.checks import ProblemFoundError
from runtime.temporal import connect, missing_search_attributes
from workflows.names import CHANNELS, WORKFLOWS

if TYPE_CHECKING:
    from runtime.settings import Settings

_PATIENCE = timedelta(seconds=2)


def database(settings: Settings) -> str:
    if settings.sqlite_file and not settings.sqlite_file.exists():
        return f"`tutti up` will make {settings.sqlite_file}"
    opened = Database(settings.database_url)
    try:
        have = opened.read_now(current)
    finally:
        opened.close()
    need = ScriptDirectory(str(FOLDER)).get_current_head()
    if have != need:
        raise ProblemFoundError(f"its tables are of revision {have}, this version needs {need}", "run `tutti migrate`")
    return "reachable, with the tables of this version"


def connections_at_work(settings: Settings) -> str:
    opened = Database(settings.database_url)
    try:
        rows = opened.read_now(connections.every)
    finally:
        opened.close()
    paused = [f"{row.id} ({row.pause_reason or 'no reason given'})" for row in rows if row.paused_at]
    if paused:
        raise ProblemFoundError(f"paused: {', '.join(paused)}", "mend the reason, then resume the connection")
    return ", ".join(f"{row.id} ({row.mode})" for row in rows) or "none yet"


async def temporal(settings: Settings) -> str:
    client = await connect(settings, patience=_PATIENCE)
    if missing := await missing_search_attributes(client):
        raise ProblemFoundError(f"search attributes are missing: {', '.join(sorted(missing))}", "run `tutti migrate`")
    namespace = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    days = namespace.config.workflow_execution_retention_ttl.ToTimedelta().days
    if days != settings.retention_histories_days:
        wish = settings.retention_histories_days
        raise ProblemFoundError(f"histories are kept {days} days, the settings say {wish}", "run `tutti migrate`")
    info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    return f"server {info.server_version}, namespace {client.namespace}, histories kept {days} days"


async def worker(settings: Settings) -> str:
    client = await connect(settings, patience=_PATIENCE)
    for queue, kind in (
        (WORKFLOWS, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
        (CHANNELS, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
    ):
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind)
        )
        if not described.pollers:
            raise ProblemFoundError(f"nobody works on the queue {queue}", "look at var/log/worker.log")
    return f"polls {WORKFLOWS} and {CHANNELS}"


async def console(settings: Settings) -> str:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        try:
            await client.get(f"http://127.0.0.1:{settings.console_port}/healthz")
        except httpx.TransportError:
            raise ProblemFoundError(
                f"does not answer at {settings.console_address}", "look at var/log/console.log"
            ) from None
    return f"answers at {settings.console_address}"


async def api(settings: Settings) -> str:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        try:
            answer = await client.get(f"{settings.api_url}/readyz")
        except httpx.TransportError:
            raise ProblemFoundError(f"does not answer at {settings.api_url}", "look at var/log/api.log") from None
    if not answer.is_success:
        failed = [f"{check['name']}: {check['detail']}" for check in answer.json()["checks"] if not check["ok"]]
        raise ProblemFoundError("; ".join(failed), "look at var/log/api.log")
    return f"ready at {settings.api_url}"
