"""The example merchant's products: those of the demo, and as many more as a benchmark wants."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stdnum import ean

from db import catalog
from db.catalog import Author

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from db.session import Database

FILE = Path(__file__).resolve().parent.parent / "catalog" / "products.jsonl"
EXAMPLE = "https://images.example.com/"
"""Where the file says that the pictures are; the sandbox has them all under /media/."""
AT_ONCE = 50


def demo_products(media: str = EXAMPLE) -> list[dict[str, Any]]:
    """The products of catalog/products.jsonl, with their pictures at `media` (the sandbox's address and /media/)."""
    return [json.loads(line.replace(EXAMPLE, media)) for line in FILE.read_text().splitlines()]


def many_products(count: int, media: str = EXAMPLE, *, variants: int = 4) -> list[dict[str, Any]]:
    """Invented shirts, each with its own pictures, GTINs and prices; the same ones every time."""
    return [_shirt(number, media, variants) for number in range(count)]


async def install(database: Database, products: Iterable[Mapping[str, Any]]) -> list[str]:
    """Put them into the master, some at a time; returns their ids."""
    wanted = list(products)
    for start in range(0, len(wanted), AT_ONCE):
        await database.write(partial(_merge, products=wanted[start : start + AT_ONCE]))
    return [product["id"] for product in wanted]


def _merge(tx: Connection, products: Iterable[Mapping[str, Any]]) -> None:
    for product in products:
        catalog.merge(tx, product["id"], product, by=Author("bench", "bench"), now=datetime.now(UTC))


def _shirt(number: int, media: str, variants: int) -> dict[str, Any]:
    name = f"shirt-{number:05}"
    sizes = [f"Size {size}" for size in range(1, variants + 1)]
    return {
        "id": name,
        "state": "ready",
        "title": f"Shirt {number}",
        "description": f"<p>Shirt number {number}, as plain as the day is long.</p>",
        "brand": "Nordlicht",
        "category": "tees",
        "tags": ["bench"],
        "attributes": {
            "material": "cotton", "care": ["wash-30"], "country_of_origin": "PT", "hs_code": "6109.10",
            "weight": {"value": 180, "unit": "g"},
        },
        "options": [{"name": "Size", "values": sizes}] if variants > 1 else [],
        "media": [{"url": f"{media}{name}-1000x1250.png"}],
        "variants": {
            f"SHIRT-{number:05}-{place}": {
                "options": {"Size": size} if variants > 1 else {},
                "gtin": _gtin(number * 100 + place),
                "prices": {"EUR": {"amount_minor": 1900 + number % 50}, "USD": {"amount_minor": 2200 + number % 50}},
            }
            for place, size in enumerate(sizes, start=1)
        },
    }  # fmt: skip


def _gtin(number: int) -> str:
    digits = f"47{number:010}"
    return digits + str(ean.calc_check_digit(digits))
