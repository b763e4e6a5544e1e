"""A product, its words and pictures for tests."""

from datetime import UTC, datetime
from typing import Any

from domain.catalog.dictionary import Attribute, Category, Dictionary
from domain.catalog.document import merged, product
from domain.catalog.findings import Finding
from domain.catalog.form import ChannelForm
from domain.catalog.gates import Checked, GateQuestion, check
from domain.catalog.media import MediaFile

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PICTURE = "https://images.example.com/tee.png"
WORDS = Dictionary(
    attributes={
        "material": Attribute(code="material", label="Material"),
        "care": Attribute(code="care", label="Care", type="choices", choices=("cold", "warm")),
        "weight": Attribute(code="weight", label="Weight", type="measure", unit="g"),
        "origin": Attribute(code="origin", label="Country of origin", is_compliance=True),
    },
    categories={
        "clothing": Category(id="clothing", name="Clothing"),
        "tees": Category(id="tees", name="T-shirts", parent="clothing", required_attributes=("material",)),
    },
)
TEE: dict[str, Any] = {
    "id": "tee",
    "state": "ready",
    "title": "Harbor tee",
    "description": "<p>Soft <strong>cotton</strong>.</p>",
    "brand": "Nordlicht",
    "category": "tees",
    "tags": ["summer", "cotton"],
    "attributes": {"material": "cotton", "weight": {"value": 0.18, "unit": "kg"}, "origin": "PT", "care": ["cold"]},
    "options": [{"name": "Size", "values": ["M", "L"]}],
    "media": [{"url": PICTURE}],
    "variants": {
        "T-M": {
            "options": {"Size": "M"},
            "gtin": "4006381333931",
            "prices": {"EUR": {"amount_minor": 1999, "compare_at_minor": 2499, "floor_minor": 1500}},
        },
        "T-L": {"options": {"Size": "L"}, "gtin": "96385074", "prices": {"EUR": {"amount_minor": 1999}}},
    },
}
FILE = MediaFile(url=PICTURE, format="png", width=1600, height=2000, size=90_000, sha256="0" * 64)
FORM: dict[str, Any] = {
    "version": "1",
    "currencies": ["EUR"],
    "fields": {
        "title": {"from": "title", "most": 40, "required": True},
        "descriptionHtml": {"from": "description", "markup": ["p", "strong"], "most": 500, "too_long": "cut"},
    },
    "variants": {"barcode": "gtin"},
}


def made(**patch: Any) -> Any:
    """The tee, with changes."""
    return product(merged(TEE, patch), WORDS)


def form(**more: Any) -> ChannelForm:
    """The small form, with changes."""
    return ChannelForm.model_validate(FORM | more)


def checked(patch: dict[str, Any] | None = None, **more: Any) -> Checked:
    """All gates over the tee; `more` are fields of the question."""
    given = {"form": form(), "files": {PICTURE: FILE}, "words": WORDS, "at": AT} | more
    return check(GateQuestion(product=made(**(patch or {})), channel="web", **given))


def found(answer: Checked) -> list[tuple[str, str, str]]:
    """Gate, SKU and field of every finding."""
    return [(finding.gate, finding.sku, finding.field) for finding in answer.findings]


def only(answer: Checked) -> Finding:
    """The one finding that there is."""
    assert len(answer.findings) == 1, answer.findings
    return answer.findings[0]
