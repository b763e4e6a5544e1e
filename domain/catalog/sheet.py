"""Products as CSV: a header, then the rows of their table."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from domain.catalog.dictionary import Dictionary
from domain.catalog.product import Product
from domain.catalog.table import FAMILIES, PRODUCT, VARIANT, columns, patch_of, rows_of, unknown_columns
from domain.errors import DomainError

csv.field_size_limit(16 * 1024 * 1024)


class SheetRow(NamedTuple):
    """One row by its number in the file; `problem` says why nothing could be read of it."""

    number: int
    patch: dict[str, Any]
    problem: str = ""


def read_sheet(lines: Iterable[str], words: Dictionary, first: int = 2) -> Iterator[SheetRow]:
    """Every row, that below the header as number `first`; DomainError where the header has columns that mean nothing."""
    reader = csv.DictReader(lines)
    if unknown := unknown_columns(list(reader.fieldnames or []), words):
        known = ", ".join((*PRODUCT, *VARIANT, *(f"{family}:…" for family in FAMILIES)))
        raise DomainError(
            "bad_columns", f"columns: the hub does not know {', '.join(unknown)}; the columns are {known}"
        )
    for number, row in enumerate(reader, start=first):
        cells = {name: text for name, text in row.items() if name and isinstance(text, str)}
        try:
            yield SheetRow(number, patch_of(cells, words))
        except DomainError as refusal:
            yield SheetRow(number, {"id": cells.get("product", "")}, str(refusal))


class Sheet:
    """Writes products as CSV: `see` all of them first, since the header has a column for each option and currency."""

    def __init__(self, words: Dictionary) -> None:
        self._words = words
        self._options: dict[str, None] = {}
        self._currencies: set[str] = set()

    def see(self, products: Iterable[Product]) -> None:
        for product in products:
            self._options |= dict.fromkeys(option.name for option in product.options)
            self._currencies |= {code for variant in product.variants for code in variant.prices}

    def header(self) -> str:
        text = io.StringIO()
        self._writer(text).writeheader()
        return text.getvalue()

    def rows(self, products: Iterable[Product]) -> str:
        """A line for each variant; what was not seen before is left out."""
        text = io.StringIO()
        self._writer(text).writerows(row for product in products for row in rows_of(product))
        return text.getvalue()

    def _writer(self, text: io.StringIO) -> Any:
        named = columns(self._words, list(self._options), sorted(self._currencies))
        return csv.DictWriter(text, named, restval="", extrasaction="ignore")
