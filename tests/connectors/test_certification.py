"""The certification suite × every registered connector, and a careless one that must not pass."""

from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec

import pytest

from connectors.shipbob.connector import ShipBobConnector
from connectors.testing import CHECKS, Check, Subject
from connectors.testing.config_checks import samples_cover_every_capability
from tests.connectors.careless import MISTAKES
from tests.connectors.shipbob.subject import ShipBobSubject

PLATFORMS = sorted(point.name for point in entry_points(group="tutti.connectors"))


def subject_of(platform: str) -> Subject:
    """By convention `tests/connectors/<platform>/subject.py` has SUBJECT."""
    module = f"tests.connectors.{platform}.subject"
    if find_spec(f"tests.connectors.{platform}") is None or find_spec(module) is None:
        pytest.skip(f"{platform} has no {module.replace('.', '/')}.py yet")
    subject: Subject = import_module(module).SUBJECT
    return subject


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_certified(platform: str, check: Check):
    await check(subject_of(platform))


@pytest.mark.parametrize(("careless", "caught_by"), MISTAKES.items(), ids=[one.__name__ for one in MISTAKES])
async def test_a_careless_connector_is_caught(careless: type[ShipBobConnector], caught_by: str):
    check = next(check for check in CHECKS if check.__name__ == caught_by)

    with pytest.raises(AssertionError):
        await check(ShipBobSubject(careless))


async def test_a_capability_that_was_not_tried_is_caught():
    class Lazy(ShipBobSubject):
        @staticmethod
        def _calls(count):
            return ShipBobSubject._calls(count)[1:]

    with pytest.raises(AssertionError, match="send_fulfillment_order"):
        await samples_cover_every_capability(Lazy())


def test_every_check_catches_some_mistake():
    caught = {*MISTAKES.values(), "samples_cover_every_capability"}

    assert {check.__name__ for check in CHECKS} == caught
