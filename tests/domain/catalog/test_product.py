"""What is a product, and what is refused with the field and the remedy."""

from typing import Any

import pytest

from domain.catalog.bundles import bundles_above, leaves
from domain.catalog.dictionary import Attribute, Category, Dictionary, problem
from domain.catalog.document import document, merged, product
from domain.catalog.identifiers import gtin, is_restricted
from domain.catalog.product import Product
from domain.catalog.units import Measure, convert
from domain.errors import DomainError

WORDS = Dictionary(
    attributes={
        "material": Attribute(code="material", label="Material"),
        "length": Attribute(code="length", label="Length", type="measure", unit="cm"),
        "fit": Attribute(code="fit", label="Fit", type="choice", choices=("slim", "wide")),
    },
    categories={
        "clothing": Category(id="clothing", name="Clothing", required_attributes=("material",)),
        "tees": Category(id="tees", name="T-shirts", parent="clothing", required_attributes=("fit",)),
    },
)
TEE: dict[str, Any] = {
    "id": "tee",
    "title": "Tee",
    "category": "tees",
    "attributes": {"material": "cotton", "length": {"value": 70, "unit": "cm"}},
    "options": [{"name": "Size", "values": ["M", "L"]}],
    "variants": {"T-M": {"options": {"Size": "M"}, "gtin": "4006381333931"}, "T-L": {"options": {"Size": "L"}}},
}


def refusal(patch: dict[str, Any]) -> str:
    with pytest.raises(DomainError) as refused:
        product(merged(TEE, patch), WORDS)
    return str(refused.value)


def test_a_document_becomes_a_product_and_the_same_document_again():
    again = document(product(TEE, WORDS))

    assert again["variants"] == TEE["variants"]
    assert product(again, WORDS) == product(TEE, WORDS)


@pytest.mark.parametrize(
    ("patch", "field", "remedy"),
    [
        ({"variants": {"T-M": {"gtin": "4006381333932"}}}, "variants.T-M.gtin", "its other digits need 1"),
        ({"variants": {"T-M": {"gtin": "12345"}}}, "variants.T-M.gtin", "8, 12, 13 or 14 digits"),
        ({"variants": {"T-M": {"gtin": "4006381x33931"}}}, "variants.T-M.gtin", "digits only"),
        ({"category": "hats"}, "category", "make it, or name another"),
        ({"attributes": {"color": "red"}}, "attributes.color", "make it first"),
        ({"attributes": {"material": 3}}, "attributes.material", "3 is no text"),
        ({"attributes": {"length": {"value": 1, "unit": "kg"}}}, "attributes.length", "use cm"),
        ({"variants": {"T-M": {"attributes": {"fit": "loose"}}}}, "variants.T-M.attributes.fit", "slim, wide"),
        ({"variants": {"T-M": {"options": {"Size": "XL"}}}}, "variants.T-M.options.Size", "not one of the option's"),
        ({"variants": {"T-L": {"options": {"Size": "M"}}}}, "variants", "M appears twice"),
        ({"variants": {"T-L": {"options": {"Color": "M"}}}}, "variants.T-L.options", "each option"),
        ({"variants": {"T-M": {"components": {"T-M": 1}}}}, "variants.T-M", "made of itself"),
        ({"variants": {"T-M": {"prices": {"EURO": {"amount_minor": 1}}}}}, "variants.T-M.prices.EURO", "correct the currency"),
        (
            {"variants": {"T-M": {"prices": {"EUR": {"amount_minor": 9, "compare_at_minor": 9}}}}},
            "variants.T-M.prices.EUR",
            "above amount_minor",
        ),
        ({"media": [{"url": "ftp://example.com/a.png"}]}, "media.0.url", "match"),
        ({"colour": "red"}, "colour", "not permitted"),
        ({"description": "x" * 500_001}, "description", "500000"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_remedy(patch, field, remedy):
    told = refusal(patch)

    assert field in told
    assert remedy in told


def test_a_merge_replaces_what_is_named_removes_what_is_null_and_leaves_the_rest():
    after = merged(TEE, {"title": "Shirt", "attributes": {"length": None}, "variants": {"T-L": {"gtin": "96385074"}}})

    assert (after["title"], after["attributes"]) == ("Shirt", {"material": "cotton"})
    assert after["variants"]["T-L"] == {"options": {"Size": "L"}, "gtin": "96385074"}
    assert after["variants"]["T-M"] == TEE["variants"]["T-M"]


def test_what_a_category_requires_holds_below_it():
    assert (WORDS.path("tees"), WORDS.required("tees")) == ("Clothing > T-shirts", ("fit", "material"))


def test_a_retired_product_is_not_ready_before_it_is_a_draft_again():
    retired = Product(id="tee", title="Tee", state="retired")

    assert retired.moved_to("draft").state == "draft"
    with pytest.raises(DomainError, match="can become draft, not ready"):
        retired.moved_to("ready")


def test_gtins_lose_their_hyphens_and_those_of_one_shop_are_told_apart():
    assert gtin("4-006381-333931") == "4006381333931"
    assert [is_restricted(number) for number in ("2012345678900", "4006381333931", "412345678903")] == [
        True,
        False,
        True,
    ]


def test_measures_are_converted_exactly_and_never_across_kinds():
    assert str(convert(Measure(value="1", unit="lb"), "g")) == "453.5924"
    with pytest.raises(ValueError, match="is a mass"):
        convert(Measure(value="1", unit="lb"), "cm")


def test_a_bundle_of_bundles_comes_down_to_what_is_in_the_boxes():
    recipes = {"HAMPER": {"SET": 2, "CARD": 1}, "SET": {"TEE": 1, "MUG": 2}}

    assert leaves(recipes, "HAMPER") == {"TEE": 2, "MUG": 4, "CARD": 1}
    assert bundles_above(recipes, "MUG") == ["HAMPER", "SET"]


def test_bundles_in_a_circle_are_refused_by_name():
    with pytest.raises(DomainError, match="A → B → C → A"):
        leaves({"A": {"B": 1}, "B": {"C": 1}, "C": {"A": 1}}, "A")


def test_numbers_that_are_truth_values_are_no_numbers():
    assert problem(Attribute(code="n", label="n", type="integer"), True) == "True is no integer"
