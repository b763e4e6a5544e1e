"""`tutti product`, as a person types it."""

import json
from pathlib import Path

import pytest

from runtime.errors import OperatorError
from tests.cli.test_installation import tutti

FILE = """
connections: {store: {platform: store}}
attributes: {material: {label: Material}, weight: {label: Weight, type: measure, unit: g}}
categories: {tees: {name: T-shirts, required_attributes: [material]}}
forms:
  store: {version: "1", currencies: [EUR], fields: {title: {from: title, most: 10, too_long: cut}}, media: {least: 0}, gtin: unneeded}
"""
TABLE = """product,state,title,category,sku,gtin,option:Size,price:EUR,attribute:material
tee,ready,Harbor tee of the north,tees,T-S,4006381333931,S,19.99,cotton
tee,,,,T-M,4006381333932,M,19.99,
mug,ready,Mug,cups,M-1,,,9.50,
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUTTI_VAR", str(tmp_path))
    (tmp_path / "tutti.yaml").write_text(FILE)
    (tmp_path / "products.csv").write_text(TABLE)
    tutti("apply", tmp_path / "tutti.yaml")
    return tmp_path


def test_a_file_comes_in_with_a_result_for_each_row(folder):
    told = tutti("product", "import", folder / "products.csv", "--json", code=1).output
    answer = json.loads(told)

    assert answer["counts"] == {"created": 1, "refused": 2}
    assert [(row["line"], row["detail"].partition(":")[0]) for row in answer["refused"]] == [
        (3, "variants.T-M.gtin"),
        (4, "category"),
    ]


@pytest.mark.parametrize("name", ["again.csv", "again.jsonl"])
def test_what_is_exported_comes_in_again_unchanged(folder, name):
    tutti("product", "import", folder / "products.csv", code=1)
    tutti("product", "export", folder / name)
    again = json.loads(tutti("product", "import", folder / name, "--json").output)

    assert again["counts"] == {"same": 1}


def test_a_check_says_what_would_be_cut_and_what_stops(folder):
    tutti("product", "import", folder / "products.csv", code=1)
    passes = tutti("product", "check", "T-S", "--channel", "store", "--no-media")
    tutti("product", "set", "tee", "attributes.material=")
    stops = tutti("product", "check", "tee", "--no-media", code=1)
    tutti("product", "waive", "tee", "attribute", "--channel", "store", "--reason", "agreed")
    waived = tutti("product", "check", "tee", "--no-media")

    assert "may be published" in passes.output
    assert "it has 23 characters, and the channel takes 10" in passes.output
    assert "Material is missing" in stops.output
    assert "waived by" in waived.output


def test_a_sku_names_its_variant_and_the_history_tells_who(folder):
    tutti("product", "import", folder / "products.csv", code=1)
    changed = tutti("product", "set", "T-S", "prices.EUR.amount_minor=1799")
    tutti("product", "set", "T-S", "title=", "--channel", "store", "--owner", "person")
    rows = json.loads(tutti("product", "history", "tee", "--json").output)

    assert "variants.T-S.prices.EUR.amount_minor: 1999 → 1799" in changed.output
    assert [row["side"] for row in rows[:2]] == ["command line", "command line"]
    assert rows[2]["side"].startswith("import:")


def test_a_form_is_shown_compared_and_put_in_force(folder):
    shown = tutti("forms", "show", "store").output
    (folder / "second.yaml").write_text(shown.replace("'1'", "'2'").replace("most: 10", "most: 30"))
    tutti("forms", "put", "store", folder / "second.yaml")
    told = tutti("forms", "diff", "store", "1", "2").output
    tutti("forms", "activate", "store", "2")
    versions = json.loads(tutti("forms", "list", "store", "--json").output)
    (folder / "third.yaml").write_text(shown.replace("'1'", "'3'").replace("too_long: cut", "too_long: chop"))
    with pytest.raises(OperatorError, match="too_long"):
        tutti("forms", "put", "store", folder / "third.yaml")

    assert told.strip() == "fields.title.most: 10 → 30"
    assert {one["version"]: one["active"] for one in versions} == {"1": False, "2": True}


def test_what_a_policy_does_about_drift_is_data_of_a_file(folder):
    (folder / "policy.yaml").write_text("{version: strict, person: repair}")

    told = tutti("content", "policy", "store", folder / "policy.yaml").output

    assert "person: repair" in told
    assert json.loads(tutti("content", "drift", "--json").output) == []
