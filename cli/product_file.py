"""Files of products: CSV with a row per variant, or JSON Lines with a product per line."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from db.catalog_imports import Line
from domain.catalog.document import document
from domain.catalog.sheet import Sheet, read_sheet
from domain.errors import DomainError
from runtime.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from domain.catalog.dictionary import Dictionary
    from domain.catalog.product import Product


def digest_of(file: Path) -> str:
    """By which an interrupted import of the same file is found again."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise OperatorError(f"{file} cannot be read ({error.strerror})") from None


def lines_of(file: Path, words: Dictionary) -> Iterator[Line]:
    """Every row with its number; one that cannot be read says why and stops no other."""
    if file.suffix.lower() == ".csv":
        yield from _table(file, words)
    elif file.suffix.lower() in {".jsonl", ".ndjson"}:
        with file.open(encoding="utf-8-sig") as opened:
            yield from (_json(number, line) for number, line in enumerate(opened, start=1) if line.strip())
    else:
        raise OperatorError(f"{file}: name it .csv or .jsonl, so that it is clear how to read it")


def write(file: Path, products: Iterable[Product], words: Dictionary) -> int:
    """All products; CSV has no overrides of channels, JSON Lines has everything. Returns how many rows."""
    if file.suffix.lower() in {".jsonl", ".ndjson"}:
        with file.open("w", encoding="utf-8") as opened:
            return sum(
                1 for product in products if opened.write(json.dumps(document(product), ensure_ascii=False) + "\n")
            )
    if file.suffix.lower() != ".csv":
        raise OperatorError(f"{file}: name it .csv or .jsonl, so that it is clear how to write it")
    known, sheet = list(products), Sheet(words)
    sheet.see(known)
    rows = [sheet.rows([product]) for product in known]
    with file.open("w", newline="", encoding="utf-8") as opened:
        opened.writelines([sheet.header(), *rows])
    return sum(max(1, len(product.variants)) for product in known)


def _table(file: Path, words: Dictionary) -> Iterator[Line]:
    with file.open(newline="", encoding="utf-8-sig") as opened:
        try:
            yield from (Line(*row) for row in read_sheet(opened, words))
        except DomainError as refusal:
            raise OperatorError(f"{file}: {refusal}") from None


def _json(number: int, text: str) -> Line:
    try:
        patch: Any = json.loads(text)
    except ValueError as error:
        return Line(number, None, f"the line is not JSON: {error}")
    if not isinstance(patch, dict) or not isinstance(patch.get("id"), str) or not patch["id"]:
        return Line(number, None, "id: every line is an object that names its product; give it")
    return Line(number, patch)
