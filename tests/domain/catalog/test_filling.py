"""Forms: how the master is told in a channel's shape, and what is said about what cannot be."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.catalog.filling import Filled, fill
from domain.catalog.form import ChannelForm
from tests.domain.catalog.make import WORDS, form, made


def filled(fields: dict[str, Any] | None = None, variants: dict[str, Any] | None = None, **patch: Any) -> Filled:
    return fill(made(**patch), form(fields=fields or {}, variants=variants or {}), "web", WORDS)


def value(rule: Any, **patch: Any) -> Any:
    """What one field of the product becomes."""
    return filled({"it": rule}, **patch).document(is_new=True).get("it")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("title", "Harbor tee"),
        ({"from": ["attributes.nothing", "brand"]}, "Nordlicht"),
        ({"from": "brand", "transform": "upper"}, "NORDLICHT"),
        ({"from": "title", "transform": "slug"}, "harbor-tee"),
        ({"from": "tags", "transform": "joined"}, "summer, cotton"),
        ({"from": "tags", "transform": ["first", "upper"]}, "SUMMER"),
        ({"from": "description", "transform": "plain"}, "Soft cotton."),
        ({"from": "attributes.weight", "unit": "g"}, 180),
        ({"from": "attributes.weight", "unit": "lb"}, 0.3968),
        ({"from": "attributes.weight", "unit": "g", "transform": "text"}, "180"),
        ({"from": "attributes.care", "map": {"cold": "COLD_WASH", "warm": "WARM_WASH"}}, ["COLD_WASH"]),
        ({"from": "category.path"}, "Clothing > T-shirts"),
        ({"from": "tags", "each": {"name": "$value"}}, [{"name": "summer"}, {"name": "cotton"}]),
        ({"from": "options", "each": {"name": "$value.name", "terms": "$value.values"}}, [{"name": "Size", "terms": ["M", "L"]}]),
        ({"from": "attributes.weight", "unit": "kg", "shape": {"value": "$value", "unit": "kilograms"}}, {"value": 0.18, "unit": "kilograms"}),
        ({"value": "new"}, "new"),
        ({"from": "attributes.nothing"}, None),
    ],
)  # fmt: skip
def test_a_field_is_told_in_the_channels_words(rule, told):
    assert value(rule) == told


def test_fields_lie_within_each_other_and_add_to_lists():
    answer = filled(
        {
            "seo.title": "title",
            "seo.description": {"from": "description", "transform": "plain"},
            "meta[]": {"from": "brand", "shape": {"key": "brand", "value": "$value"}},
        }
    )

    assert answer.document(is_new=True)["seo"] == {"title": "Harbor tee", "description": "Soft cotton."}
    assert answer.document(is_new=True)["meta"] == [{"key": "brand", "value": "Nordlicht"}]


def test_a_variant_says_what_its_product_says_unless_it_says_otherwise():
    rules = {"material": "attributes.material", "size": "options.Size", "name": "title"}
    linen = made(variants={"T-L": {"attributes": {"material": "linen"}}})
    answer = fill(linen, form(fields={}, variants=rules), "web", WORDS)

    assert [variant.fields for variant in answer.variants(is_new=True)] == [
        {"material": "cotton", "size": "M", "name": "Harbor tee"},
        {"material": "linen", "size": "L", "name": "Harbor tee"},
    ]


def test_a_category_takes_the_word_of_the_nearest_one_above_that_has_one():
    kind = {"from": "category", "map": {"clothing": "SHIRT"}}
    answer = fill(made(), form(kind=kind), "web", WORDS)

    assert (answer.kind, answer.findings) == ("SHIRT", ())


def test_a_category_without_a_word_is_a_finding():
    answer = fill(made(), form(kind={"from": "category", "map": {"shoes": "SHOES"}}), "web", WORDS)

    assert [(finding.gate, finding.field) for finding in answer.findings] == [("category", "kind")]
    assert "add it to the map of kind" in answer.findings[0].remedy


def test_what_is_longer_than_the_channel_takes_is_cut_at_a_word_with_its_tags_closed_and_the_original_is_kept():
    long = "<p>" + "word " * 40 + "</p>"
    answer = filled({"d": {"from": "description", "markup": ["p"], "most": 50, "too_long": "cut"}}, description=long)
    field = answer.fields[0]

    assert field.value == "<p>word word word word word word word word</p>"
    assert field.original == long
    assert [(finding.gate, finding.severity) for finding in answer.findings] == [("length", "warning")]


def test_a_text_is_refused_where_the_form_does_not_cut():
    answer = filled({"title": {"from": "title", "most": 5}})

    assert answer.findings[0].severity == "blocking"
    assert answer.findings[0].text == "it has 10 characters, and the channel takes 5"


def test_a_limit_in_bytes_never_cuts_through_a_letter():
    assert value({"from": "title", "most": 5, "bytes": True, "too_long": "cut"}, title="äöüß") == "äö"


def test_markup_that_the_channel_does_not_take_is_left_out_and_said():
    answer = filled({"d": {"from": "description", "markup": ["p"]}}, description="<p>a<b>b</b><script>x()</script></p>")

    assert answer.document(is_new=True) == {"d": "<p>ab</p>"}
    assert "<b>, <script>" in answer.findings[0].text


def test_unclosed_markup_is_said():
    answer = filled({"d": {"from": "description", "markup": ["p", "em"]}}, description="<p>a <em>b</p>")

    assert "<p>, <em> is not closed" in answer.findings[0].text


def test_a_value_that_the_form_has_no_word_for_is_not_sent():
    answer = filled({"m": {"from": "attributes.material", "map": {"linen": "LIN"}}})

    assert [(finding.gate, finding.field) for finding in answer.findings] == [("value", "m")]
    assert answer.document(is_new=True) == {"m": None}


def test_the_channels_own_value_goes_before_the_masters():
    own = {"web": {"title": {"value": "Own title"}, "tag_list": {"value": ["x"]}}}
    answer = filled({"title": "title", "tag_list": {"from": "tags", "each": {"name": "$value"}}}, overrides=own)

    assert answer.document(is_new=True) == {"title": "Own title", "tag_list": ["x"]}
    assert [field.source for field in answer.fields] == ["override title", "override tag_list"]


def test_who_owns_a_field_decides_whether_it_is_written():
    own = {"web": {"title": {"owner": "channel"}, "brand": {"owner": "person"}}}
    answer = filled({"title": "title", "vendor": "brand", "tags": {"from": "tags", "owner": "person"}}, overrides=own)

    assert answer.document(is_new=True) == {"vendor": "Nordlicht", "tags": ["summer", "cotton"]}
    assert answer.document(is_new=False) == {}
    assert [answer.owner_of(name) for name in ("title", "vendor", "unknown")] == ["channel", "person", "channel"]


def test_a_price_comes_in_the_first_currency_that_the_channel_sells_in():
    both = {"EUR": {"amount_minor": 1999}, "USD": {"amount_minor": 2199}}
    answer = fill(made(variants={"T-M": {"prices": both}}), form(currencies=["USD", "EUR"]), "web", WORDS)

    assert [str(tag.price) for tag in answer.tags] == ["21.99 USD", "19.99 EUR"]


@pytest.mark.parametrize(
    ("variant", "gate", "text"),
    [
        (
            {"prices": {"EUR": None, "USD": {"amount_minor": 5}}},
            "currency",
            "a price in USD, and the channel sells in EUR",
        ),
        ({"prices": {"EUR": None}}, "price", "no price"),
        ({"prices": {"EUR": {"amount_minor": 1499}}}, "price_floor", "14.99 EUR is below the floor of 15.00 EUR"),
        ({"overrides": {"web": {"price": {"value": 1200}}}}, "price_floor", "12.00 EUR"),
        ({"overrides": {"web": {"price": {"value": {"amount_minor": 5, "currency": "USD"}}}}}, "currency", "USD"),
        ({"overrides": {"web": {"price": {"value": "cheap"}}}}, "price", "is none"),
    ],
)
def test_a_price_that_the_channel_cannot_show_is_a_finding(variant, gate, text):
    answer = fill(made(variants={"T-M": variant}), form(), "web", WORDS)

    assert [(finding.gate, finding.sku, finding.field) for finding in answer.findings] == [(gate, "T-M", "price")]
    assert text in answer.findings[0].text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"fields": {"a": "title", "a.b": "brand"}}, "a.b: it lies within a"),
        ({"fields": [{"to": "a", "from": "title"}, {"to": "a", "from": "brand"}]}, "each of them once"),
        ({"fields": {"a": {"from": "attributes.weight", "unit": "stone"}}}, "is no unit"),
        ({"fields": {"a": {"form": "title"}}}, "Extra inputs"),
        ({"currencies": []}, "at least 1 item"),
        ({"gates": {"colour": "off"}}, "gates"),
    ],
)
def test_a_form_that_contradicts_itself_is_refused(wrong, told):
    with pytest.raises(ValidationError, match=told):
        ChannelForm.model_validate({"version": "1", "currencies": ["EUR"]} | wrong)
