"""Ports: any free one where that is asked for, a clear word where one is taken."""

import os
import socket
from collections.abc import Iterator

import pytest

from runtime.ports import PortTakenError, is_free, with_real_ports
from runtime.settings import Settings


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_puts_a_free_port_where_the_setting_is_zero(settings: Settings) -> None:
    real = with_real_ports(settings, ["api", "temporal", "temporal_ui", "sandbox"])

    ports = {real.api_port, real.temporal_port, real.temporal_ui_port, real.sandbox_port}
    assert len(ports) == 4
    assert all(is_free(port) for port in ports)


def test_names_the_port_its_setting_and_who_holds_it(settings: Settings, taken: int) -> None:
    with pytest.raises(PortTakenError) as refusal:
        with_real_ports(settings.model_copy(update={"api_port": taken}), ["api"])

    assert str(refusal.value).startswith(f"port {taken} (TUTTI_API_PORT) is taken by pid {os.getpid()}")


def test_any_free_port_wins_over_a_taken_one(settings: Settings, taken: int) -> None:
    real = with_real_ports(settings.model_copy(update={"api_port": taken}), ["api"], any_free=True)

    assert real.api_port != taken


def test_a_port_of_a_part_that_is_not_started_may_be_taken(settings: Settings, taken: int) -> None:
    wanted = settings.model_copy(update={"sandbox_port": taken})

    assert with_real_ports(wanted, ["api"]).sandbox_port == taken
