"""Products as rows of a table, and back."""

from typing import Any

import pytest

from domain.catalog.document import document, merged, product
from domain.catalog.table import columns, patch_of, rows_of, unknown_columns
from domain.errors import DomainError
from tests.domain.catalog.make import TEE, WORDS, made


def test_what_is_written_as_rows_is_read_as_the_same_product():
    names = columns(WORDS, ["Size"], ["EUR"])
    rows = [{name: row.get(name, "") for name in names} for row in rows_of(made())]
    patch: dict[str, Any] = {"options": TEE["options"]}
    for row in rows:
        patch = merged(patch, patch_of(row, WORDS))

    assert len(rows) == 2
    assert unknown_columns(names, WORDS) == []
    assert document(product(patch, WORDS)) == document(made())


def test_an_empty_cell_says_nothing():
    assert patch_of({"product": "tee", "title": " ", "sku": "T-M", "price:EUR": "19.99"}, WORDS) == {
        "id": "tee",
        "variants": {"T-M": {"prices": {"EUR": {"amount_minor": 1999}}}},
    }


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"title": "Tee"}, "product: every row"),
        ({"product": "tee", "gtin": "1"}, "sku: the row says"),
        ({"product": "tee", "sku": "T", "price:EUR": "cheap"}, "price:EUR: 'cheap' is not a decimal amount"),
        ({"product": "tee", "sku": "T", "price:EURO": "1"}, "price:EURO: 'EURO' is not an ISO 4217"),
        ({"product": "tee", "sku": "T", "components": "A,B"}, "components: 'A,B' is not SKU=UNITS"),
        ({"product": "tee", "attribute:weight": "heavy"}, "attribute:weight: 'heavy' is no measure"),
    ],
)
def test_a_cell_that_cannot_be_read_names_its_column(cells, told):
    with pytest.raises(DomainError) as refused:
        patch_of(cells, WORDS)

    assert told in str(refused.value)


def test_columns_that_mean_nothing_are_told():
    assert unknown_columns(["product", "attribute:color", "colour", "option:"], WORDS) == [
        "attribute:color",
        "colour",
        "option:",
    ]
