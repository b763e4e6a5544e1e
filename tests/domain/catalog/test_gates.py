"""The gates: each finding names field, channel and remedy, and stops only what is not waived."""

from datetime import timedelta
from typing import Any

import pytest

from domain.catalog.dictionary import Dictionary
from domain.catalog.findings import GATES, Waiver
from domain.catalog.gates import GateQuestion, check
from domain.catalog.media import MediaFile
from domain.catalog.requirements import breaches
from tests.domain.catalog.make import AT, FILE, PICTURE, WORDS, checked, form, found, made, only


def test_a_product_in_order_passes_every_gate():
    answer = checked()

    assert (answer.findings, answer.passes) == ((), True)


@pytest.mark.parametrize(
    ("patch", "wanted"),
    [
        ({"state": "draft"}, ("lifecycle", "", "state")),
        ({"category": None}, ("category", "", "category")),
        ({"attributes": {"material": None}}, ("attribute", "T-M", "attributes.material")),
        ({"title": "x" * 41}, ("length", "", "title")),
        ({"media": []}, ("media_count", "", "media")),
        ({"variants": {"T-L": {"gtin": None}}}, ("gtin", "T-L", "gtin")),
        ({"variants": {"T-L": {"prices": None}}}, ("price", "T-L", "price")),
    ],
)
def test_what_is_missing_is_found_where_it_is_missing(patch, wanted):
    assert wanted in found(checked(patch))


def test_a_finding_names_channel_field_and_remedy():
    finding = only(checked({"variants": {"T-L": {"prices": None}}}))

    assert str(finding) == "T-L price on web: it has no price; give it a price in EUR"


def test_a_description_of_200000_characters_is_cut_and_said():
    answer = checked({"description": "<p>" + "word " * 40_000 + "</p>"})
    finding = only(answer)

    assert (finding.gate, finding.field, finding.severity, answer.passes) == (
        "length",
        "descriptionHtml",
        "warning",
        True,
    )
    assert "200007 characters" in finding.text
    assert len(answer.filled.document(is_new=True)["descriptionHtml"]) <= 500


def test_a_description_of_200000_characters_stops_a_channel_that_does_not_cut():
    strict = form(fields={"description": {"from": "description", "most": 2000}})
    answer = checked({"description": "x" * 200_000}, form=strict)

    assert (only(answer).gate, answer.passes) == ("length", False)


@pytest.mark.parametrize(
    ("file", "gate", "text"),
    [
        (None, "media_file", "has not been read yet"),
        (MediaFile(url=PICTURE, problem="not_found"), "media_file", "nothing at its address"),
        (MediaFile(url=PICTURE, problem="not_an_image"), "media_file", "no picture"),
        (MediaFile(url=PICTURE, problem="moved"), "media_file", "redirects are not followed"),
        (FILE.model_copy(update={"format": "webp"}), "media_file", "it is webp, and the channel takes jpeg, png"),
        (
            FILE.model_copy(update={"width": 640, "height": 780}),
            "media_size",
            "640 × 780, and the channel wants 800 × 800",
        ),
        (FILE.model_copy(update={"size": 10**8}), "media_size", "100000000 bytes"),
        (FILE.model_copy(update={"height": 1600}), "media_ratio", "its width is 1.00 of its height"),
    ],
)
def test_a_picture_that_the_channel_does_not_take_is_found(file, gate, text):
    rule = {"min_width": 800, "min_height": 800, "min_ratio": 0.7, "max_ratio": 0.9}
    finding = only(checked(form=form(media=rule), files={PICTURE: file} if file else {}))

    assert (finding.gate, finding.field) == (gate, "media.0")
    assert text in finding.text


def test_pictures_beyond_the_most_are_left_out_with_a_warning():
    more = [{"url": f"https://images.example.com/{number}.png"} for number in range(3)]
    answer = checked({"media": more}, form=form(media={"most": 1}), files={more[0]["url"]: FILE})

    assert [(finding.gate, finding.severity) for finding in answer.findings] == [("media_count", "warning")]


def test_a_missing_gtin_stops_only_where_it_is_required_and_a_restricted_one_too():
    without = {"variants": {"T-M": {"gtin": "2012345678903"}, "T-L": {"gtin": None}}}

    assert checked(without).passes
    assert found(checked(without, form=form(gtin="required"))) == [("gtin", "T-M", "gtin"), ("gtin", "T-L", "gtin")]
    assert found(checked(without, form=form(gtin="unneeded"))) == []


def test_what_the_channel_demands_by_law_needs_an_admin_to_waive():
    finding = checked({"attributes": {"origin": None}}, form=form(compliance=["origin"])).findings[0]

    assert (finding.gate, finding.field) == ("compliance", "attributes.origin")
    assert GATES[finding.gate].waiver_role == "admin"


def test_words_that_may_not_stand_there_are_found_as_whole_words_outside_markup():
    rule = {"fields": ["title", "descriptionHtml"], "forbidden": ["miracle", "strong"], "avoid": ["best ever"]}
    answer = checked(
        {"title": "Miracles and a MIRACLE", "description": "<p>The <strong>best</strong> ever.</p>"},
        form=form(text=rule),
    )

    assert found(answer) == [("forbidden_word", "", "title"), ("tone", "", "descriptionHtml")]


def test_stock_is_asked_for_only_by_a_launch():
    short = {"wanted": {"T-M": 10, "T-L": 5}, "reserved": {"T-M": 10, "T-L": 2}}

    assert found(checked(**short)) == [("stock", "T-L", "stock")]
    assert checked(wanted={"T-M": 10}).passes


def test_the_forms_own_schema_is_about_the_fields():
    rules = {"properties": {"title": {"pattern": "^[A-Z]"}}, "required": ["vendor"]}
    answer = checked({"title": "harbor"}, form=form(requirements=rules))

    assert found(answer) == [("schema", "", "title"), ("schema", "", "vendor")]


def test_the_platforms_schema_is_about_each_document():
    schema = {"properties": {"size": {"enum": ["S", "M"]}}}
    answer = checked(schema_=schema, documents={"T-M": {"size": "M"}, "T-L": {"size": "L"}})
    finding = only(answer)

    assert (finding.sku, finding.field) == ("T-L", "size")
    assert "map it to one of: S, M" in finding.remedy


@pytest.mark.parametrize(
    ("schema", "document", "field"),
    [
        ({"properties": {"name": {"maxUtf8ByteLength": 3}}}, {"name": "äö"}, "name"),
        ({"properties": {"name": {"minUtf8ByteLength": 3}}}, {"name": "a"}, "name"),
        (
            {"properties": {"name": {"maxUniqueItems": 1, "selectors": ["tag"]}}},
            {"name": [{"tag": "en", "value": 1}, {"tag": "en", "value": 2}, {"tag": "de", "value": 1}]},
            "name",
        ),
        ({"properties": {"a": {"properties": {"b": {"type": "string"}}}}}, {"a": {"b": 1}}, "a.b"),
        ({"properties": {"a": {"required": ["b"]}}}, {"a": {}}, "a.b"),
        ({"$ref": "https://schemas.example.com/other"}, {}, ""),
        ({"type": 12}, {}, ""),
    ],
)
def test_breaches_of_a_schema_name_the_field(schema, document, field):
    assert [name for name, _ in breaches(schema, document)] == [field]


def test_a_form_can_make_a_gate_a_warning_or_switch_it_off():
    patch: dict[str, Any] = {"attributes": {"material": None}}

    assert checked(patch, form=form(gates={"attribute": "warning"})).passes
    assert checked(patch, form=form(gates={"attribute": "off"})).findings == ()


@pytest.mark.parametrize(
    ("waiver", "passes"),
    [
        (Waiver(gate="attribute", approver="Grace"), True),
        (Waiver(gate="attribute", field="attributes.material", approver="Grace", until=AT + timedelta(days=1)), True),
        (Waiver(gate="attribute", sku="T-M", approver="Grace"), False),
        (Waiver(gate="attribute", field="attributes.other", approver="Grace"), False),
        (Waiver(gate="attribute", approver="Grace", until=AT), False),
        (Waiver(gate="gtin", approver="Grace"), False),
    ],
)
def test_a_waiver_answers_for_exactly_what_it_names(waiver, passes):
    answer = checked({"attributes": {"material": None}}, waivers=(waiver,))

    assert answer.passes == passes


def test_what_cannot_be_sent_cannot_be_waived():
    waiver = Waiver(gate="price", approver="Grace")

    assert not checked({"variants": {"T-L": {"prices": None}}}, waivers=(waiver,)).passes


def test_a_category_that_is_gone_is_found():
    question = GateQuestion(
        product=made(),
        channel="web",
        form=form(),
        words=Dictionary(attributes=WORDS.attributes),
        files={PICTURE: FILE},
        at=AT,
    )

    assert "there is no category 'tees'" in only(check(question)).text
