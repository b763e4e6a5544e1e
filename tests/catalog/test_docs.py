"""What docs/catalog.md shows is accepted as it stands."""

import json
import re

import yaml

from domain.catalog.dictionary import Category, Dictionary
from domain.catalog.document import product
from domain.catalog.filling import fill
from domain.catalog.findings import GATES
from domain.catalog.form import ChannelForm
from runtime.parts import PROJECT
from tests.domain.catalog.make import WORDS

TEXT = (PROJECT / "docs" / "catalog.md").read_text()


def shown(language: str) -> str:
    return TEXT.split(f"```{language}\n")[1].split("```")[0]


def test_the_documented_form_tells_the_documented_product():
    words = Dictionary(attributes=WORDS.attributes, categories={"tees": Category(id="tees", name="T-shirts")})
    form = ChannelForm.model_validate(yaml.safe_load(shown("yaml")))
    filled = fill(product(json.loads(shown("json")), words), form, "web", words)

    assert filled.findings == ()
    assert filled.document(is_new=True)["meta_data"] == [{"key": "brand", "value": "Nordlicht"}]
    assert [tag.price.amount_minor for tag in filled.tags if tag.price] == [2900, 2900]


def test_every_gate_is_documented_with_who_may_waive_it():
    rows = re.findall(r"^\| (`.*?) \| .*? \| (.*?) \|$", TEXT, re.MULTILINE)
    told = {name: who for names, who in rows for name in re.findall(r"`(\w+)`", names)}

    assert {name: told.get(name) for name in GATES} == {
        name: rule.waiver_role or "nobody" for name, rule in GATES.items()
    }
