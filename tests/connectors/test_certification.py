"""The certification suite × every registered connector, and a careless one that must not pass."""

from importlib import import_module
from importlib.metadata import entry_points

import pytest

from connectors.shipbob.connector import ShipBobConnector
from connectors.testing import CHECKS, Check, Subject
from connectors.testing.config_checks import can, samples_cover_every_capability
from tests.connectors.careless import MISTAKES
from tests.connectors.shipbob.subject import ShipBobSubject

REGISTERED = {point.name: point.load() for point in entry_points(group="tutti.connectors")}
PLATFORMS = sorted(name for name, connector in REGISTERED.items() if can(connector))


def subject_of(platform: str) -> Subject:
    """By convention `tests/connectors/<platform>/subject.py` has SUBJECT."""
    subject: Subject = import_module(f"tests.connectors.{platform}.subject").SUBJECT
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


def test_only_a_connector_that_can_nothing_goes_uncertified():
    assert set(REGISTERED) - set(PLATFORMS) == {"manual"}


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
