"""The example merchant's products in every channel's form, compared with what is on file.

`TUTTI_TEST_RENEW_GOLDEN=1` writes the files anew; then read the difference.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.catalog import demo_products
from connectors.amazon.connector import AmazonConfig, AmazonConnector
from connectors.contract import Surroundings
from db.desks.catalog import listing
from domain.catalog.dictionary import Attribute, Category, Dictionary
from domain.catalog.document import product
from domain.catalog.filling import fill
from domain.catalog.form import ChannelForm
from domain.catalog.gates import GateQuestion, check
from domain.catalog.media import MediaFile
from domain.catalog.requirements import breaches
from runtime.installation import read
from runtime.parts import PROJECT
from sandbox.amazon.product_types import schema_of
from tests.domain.catalog.make import AT

GOLDEN = Path(__file__).parent / "golden"
FORMS = sorted(path.stem for path in (PROJECT / "catalog" / "forms").glob("*.yaml"))
EXAMPLE = read(PROJECT / "tutti.yaml")
WORDS = Dictionary(
    attributes={code: Attribute(code=code, **entry.model_dump()) for code, entry in EXAMPLE.attributes.items()},
    categories={name: Category(id=name, **entry.model_dump()) for name, entry in EXAMPLE.categories.items()},
)
PRODUCTS = [product(plain, WORDS) for plain in demo_products()]
SHOWN = {"harbor-tee", "beacon-lamp", "first-light-set"}
LONG = product(
    {
        "id": "Long_Mug.2",
        "state": "ready",
        "title": "A mug for tea, cocoa and long evenings by the window, with a lid that keeps it warm",
        "description": "<h2>Warm</h2><script>steal()</script><p onclick='x()'>Keeps <b>tea</b> &amp; <em>cocoa warm"
        + " for hours and hours" * 120,
        "brand": "Nordlicht",
        "category": "mugs",
        "tags": [f"evening {number:02}" for number in range(40)],
        "attributes": {
            "material": "stoneware", "weight": {"value": 1.25, "unit": "lb"}, "country_of_origin": "PT",
            "highlights": ["made to last"],
        },
        "variants": {"MUG-LONG": {"prices": {"EUR": {"amount_minor": 1999}, "USD": {"amount_minor": 2199}}}},
    },
    WORDS,
)  # fmt: skip
"""Says more than channels take: what each of them cuts, cleans, converts and numbers is on file too."""


def form(name: str) -> ChannelForm:
    return ChannelForm.model_validate(yaml.safe_load((PROJECT / "catalog" / "forms" / f"{name}.yaml").read_text()))


def told(name: str) -> dict[str, Any]:
    """Some products as the connector of this platform is given them."""
    return {
        one.id: json.loads(listing(fill(one, form(name), name, WORDS)).model_dump_json(exclude_defaults=True))
        for one in (*PRODUCTS, LONG)
        if one.id in {*SHOWN, LONG.id}
    }


@pytest.mark.parametrize("name", FORMS)
def test_the_form_tells_the_products_as_on_file(name):
    file = GOLDEN / f"{name}.json"
    if os.environ.get("TUTTI_TEST_RENEW_GOLDEN"):
        file.write_text(json.dumps(told(name), indent=1, ensure_ascii=False) + "\n")

    assert told(name) == json.loads(file.read_text())


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("one", PRODUCTS, ids=lambda one: one.id)
def test_every_product_of_the_example_passes_the_gates(one, name):
    files = {
        url: MediaFile(url=url, format="png", width=1200, height=1500, size=20_000, sha256="0")
        for url in one.pictures(name)
    }
    answer = check(GateQuestion(product=one, channel=name, form=form(name), words=WORDS, files=files, at=AT))

    assert [str(finding) for finding in answer.findings] == []


def test_the_example_has_enough_to_show():
    assert len(PRODUCTS) >= 12
    assert all(one.media for one in PRODUCTS)


@pytest.mark.parametrize("one", PRODUCTS, ids=lambda one: one.id)
def test_what_amazon_gets_is_what_its_product_type_wants(one):
    config = AmazonConfig(seller_id="A1", client_id="c", client_secret="s", refresh_token="r")
    connector = AmazonConnector.open(config, Surroundings("amazon-us"))
    made = listing(fill(one, form("amazon"), "amazon-us", WORDS))
    schema = schema_of(made.kind)

    assert schema is not None
    assert [list(breaches(schema, connector.listing_document(made, sku))) for sku in made.ref.skus] == [[]] * len(
        made.ref.skus
    )
