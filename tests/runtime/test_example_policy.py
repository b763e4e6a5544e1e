"""The example merchant's return policy: nothing to find for the lint, and every level of it decides something."""

from pathlib import Path

import pytest

from connectors.contract import LabelRequest
from domain.channel_order import Address
from domain.returns.effective import effective
from domain.returns.lint import lint
from domain.returns.policy import ReturnPolicy, Subject
from runtime.installation import read
from tests.connectors.shipengine.world import opened

FILE = Path(__file__).parents[2] / "tutti.yaml"


@pytest.fixture(scope="module")
def policy() -> ReturnPolicy:
    found = read(FILE).return_policy
    assert found is not None
    return found


def test_the_lint_finds_nothing(policy: ReturnPolicy) -> None:
    assert lint(policy) == ()


@pytest.mark.parametrize(
    ("subject", "name", "value", "rule"),
    [
        (Subject(market="eu", channel="shopify-eu"), "window_days", 30, "everywhere"),
        (Subject(market="us", channel="shopify-us"), "shipping_paid_by", "buyer", "americans pay the label"),
        (Subject(channel="woo-outlet"), "window_days", 14, "the outlet is final after two weeks"),
        (Subject(category="fragile"), "inspection", True, "fragile things are looked at first"),
        (Subject(sku="CHAIR-OAK"), "automatic", False, "chairs need a word first"),
        (Subject(market="us", channel="amazon-us"), "window_days", 30, "what Amazon demands"),
    ],
)
def test_each_level_decides_something(
    policy: ReturnPolicy, subject: Subject, name: str, value: object, rule: str
) -> None:
    found = effective(policy, subject)

    assert (getattr(found.terms, name), found.why[name].rule) == (value, rule)


@pytest.mark.parametrize(("market", "place"), [("eu", "BER"), ("us", "ATL")])
async def test_a_carrier_sells_a_label_to_where_each_market_sends_back(
    policy: ReturnPolicy, market: str, place: str
) -> None:
    file = read(FILE)
    profile = file.locations[place].profile
    to = Address(
        company=file.merchant, line1=profile.line1, city=profile.city, province=profile.province,
        postal_code=profile.postal_code, country=profile.country, phone=profile.phone,
    )  # fmt: skip
    buyer = Address(
        name="Ada Example", line1="1 Test Street", city="Springfield", province="IL", postal_code="62701", country="US"
    )
    async with opened(official=False) as carrier:
        wanted = LabelRequest(reference="R1-P1", sender=buyer, receiver=to, weight_g=180)
        label = await carrier.connector.buy_label(wanted, "k1")

    assert (policy.receives(market), policy.carrier_connection) == (place, "post")
    assert (bool(label.tracking_number), bool(label.document_url)) == (True, True)
