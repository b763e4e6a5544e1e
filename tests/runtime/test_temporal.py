"""The connection to Temporal: which server, and how long one waits for it."""

from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from runtime.settings import Settings
from runtime.temporal import (
    TemporalUnreachableError,
    connect,
    connect_config,
    missing_search_attributes,
    prepare_namespace,
    uses_cluster,
)


def test_talks_to_the_embedded_server_unless_told_otherwise(settings: Settings) -> None:
    config = connect_config(settings.model_copy(update={"temporal_port": 4711}))

    assert config == {"target_host": "127.0.0.1:4711"}


def test_temporals_own_variables_name_a_cluster(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.internal:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "shop")

    assert uses_cluster()
    assert connect_config(settings) == {"target_host": "temporal.internal:7233", "namespace": "shop"}


async def test_says_which_server_does_not_answer(settings: Settings) -> None:
    with pytest.raises(TemporalUnreachableError, match=r"no Temporal server at 127\.0\.0\.1:1"):
        await connect(settings.model_copy(update={"temporal_port": 1}), patience=timedelta(0))


async def test_a_lazy_client_is_made_while_nobody_answers(settings: Settings) -> None:
    client = await connect(settings.model_copy(update={"temporal_port": 1}), lazy=True)

    assert client.namespace == "default"


async def test_preparing_a_namespace_may_be_repeated(env: WorkflowEnvironment) -> None:
    await prepare_namespace(env.client, timedelta(days=7))
    await prepare_namespace(env.client, timedelta(days=7))

    assert await missing_search_attributes(env.client) == set()


async def test_the_server_that_skips_time_knows_our_search_attributes(ts_env: WorkflowEnvironment) -> None:
    """The fixture registers them; an upsert of an unknown one would hang the workflow."""
    assert ts_env.supports_time_skipping
