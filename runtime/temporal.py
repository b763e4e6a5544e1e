"""The connection to Temporal: the embedded engine, or the cluster that Temporal's own variables name."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from runtime.errors import OperatorError
from workflows.names import SEARCH_ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime.settings import Settings

NAMES_A_CLUSTER = ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")


class TemporalUnreachableError(OperatorError):
    """No Temporal server answered in the time allowed."""


def uses_cluster() -> bool:
    """Whether Temporal's own variables name a server, so that `tutti up` starts none."""
    return any(os.environ.get(name) for name in NAMES_A_CLUSTER)


def connect_config(settings: Settings) -> dict[str, Any]:
    """The arguments of `Client.connect` that say where and as whom."""
    if uses_cluster():
        return {"target_host": "localhost:7233", **ClientConfig.load_client_connect_config()}
    return {"target_host": f"127.0.0.1:{settings.temporal_port}"}


async def connect(
    settings: Settings,
    *,
    lazy: bool = False,
    patience: timedelta = timedelta(seconds=30),
    metrics: bool = False,
) -> Client:
    """Try until the server answers or `patience` is over.

    `lazy` connects at the first call instead, for a process that must start while Temporal is down (not for a worker);
    `metrics` also opens `worker_metrics_address`.
    """
    arguments = connect_config(settings) | {"data_converter": pydantic_data_converter, "lazy": lazy}
    if metrics and settings.worker_metrics_address:
        arguments["runtime"] = _runtime_with_metrics(settings)
    deadline = asyncio.get_running_loop().time() + patience.total_seconds()
    while True:
        try:
            return await Client.connect(**arguments)
        except RuntimeError as error:  # what the SDK raises when nobody answers
            if asyncio.get_running_loop().time() >= deadline:
                raise TemporalUnreachableError(f"no Temporal server at {arguments['target_host']}: {error}") from error
            await asyncio.sleep(0.2)


async def prepare_namespace(client: Client, retention: timedelta) -> None:
    """Register the search attributes that are missing and set how long histories are kept; may be repeated."""
    await register_search_attributes(client, await missing_search_attributes(client))
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace,
            config=NamespaceConfig(workflow_execution_retention_ttl=Duration(seconds=int(retention.total_seconds()))),
        )
    )


async def register_search_attributes(client: Client, names: Collection[str] | None = None) -> None:
    """All of them, or those named; the time-skipping test server cannot list them, so it is given all."""
    types = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type)
        for key in SEARCH_ATTRIBUTES
        if names is None or key.name in names
    }
    if types:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
        )


async def missing_search_attributes(client: Client) -> set[str]:
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return {key.name for key in SEARCH_ATTRIBUTES} - set(known.custom_attributes)


def _runtime_with_metrics(settings: Settings) -> Runtime:
    return Runtime(telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=settings.worker_metrics_address)))
