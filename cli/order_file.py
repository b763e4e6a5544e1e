"""Orders in a CSV file: one row per line, rows of one reference are one order."""

from __future__ import annotations

import csv
import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.progress import track

from cli.client import CONSOLE
from runtime.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.client import HubClient

REQUIRED = ("reference", "currency", "sku", "quantity")
_LINE = ("sku", "title", "quantity", "unit_price_minor", "discount_minor", "tax_minor", "weight_g")
_ORDER = ("reference", "currency", "placed_at", "payment", "payment_reference", "shipping_minor", "delivery", "pickup_location", "service",
          "promised_on", "ship_complete")  # fmt: skip
_ADDRESS = ("name", "company", "line1", "line2", "city", "province", "postal_code", "country", "phone")
_NUMBERS = {"quantity", "unit_price_minor", "discount_minor", "tax_minor", "weight_g", "shipping_minor"}
COLUMNS = (*_ORDER, *_LINE, *_ADDRESS, "email", "tags")


class Result(NamedTuple):
    """What became of one order; `rows` are line numbers of the file."""

    reference: str
    rows: list[int]
    outcome: str
    detail: str


def import_file(hub: HubClient, file: Path, *, quiet: bool) -> list[Result]:
    """Post every order; the key is made from its content, so that a second run makes nothing twice."""
    orders = list(_orders(file))
    results = []
    for reference, rows, body in track(orders, f"Importing {file.name}", console=CONSOLE, disable=quiet):
        result = _post(hub, reference, rows, body)
        results.append(result)
        if not quiet:
            color = "red" if result.outcome == "refused" else "green"
            where = ", ".join(map(str, rows))
            CONSOLE.print(f"[{color}]{result.outcome:<8}[/] {reference} (row {where}) {result.detail}", highlight=False)
    if not quiet:
        made = sum(result.outcome == "taken" for result in results)
        CONSOLE.print(f"{made} of {len(results)} orders taken.")
    return results


def _post(hub: HubClient, reference: str, rows: list[int], body: dict[str, Any]) -> Result:
    key = "file-" + hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    try:
        made = hub.post("/orders", body, key=key)
    except OperatorError as refusal:
        return Result(reference, rows, "refused", str(refusal))
    return Result(reference, rows, "taken", made["order_id"])


def _orders(file: Path) -> Iterator[tuple[str, list[int], dict[str, Any]]]:
    """Consecutive or not, rows with one reference belong together; the first of them names buyer and address."""
    grouped: dict[str, list[tuple[int, dict[str, str]]]] = {}
    with file.open(newline="", encoding="utf-8-sig") as opened:
        reader = csv.DictReader(opened)
        _check_header(file, reader.fieldnames or ())
        for number, row in enumerate(reader, start=2):
            grouped.setdefault(row["reference"], []).append((number, row))
    for reference, numbered in grouped.items():
        yield reference, [number for number, _ in numbered], _body([row for _, row in numbered])


def _check_header(file: Path, names: Any) -> None:
    missing, unknown = set(REQUIRED) - set(names), set(names) - set(COLUMNS)
    if missing or unknown:
        wrong = [f"lacks {', '.join(sorted(missing))}"] * bool(missing)
        wrong += [f"has {', '.join(sorted(map(str, unknown)))}, which the hub does not know"] * bool(unknown)
        raise OperatorError(f"{file} {' and '.join(wrong)}; the columns are {', '.join(COLUMNS)}")


def _body(rows: list[dict[str, str]]) -> dict[str, Any]:
    first = rows[0]
    body = _picked(first, _ORDER)
    body["lines"] = [_picked(row, _LINE) for row in rows]
    if address := _picked(first, _ADDRESS):
        body["ship_to"] = address
    if buyer := _picked(first, ("name", "email", "phone")):
        body["buyer"] = buyer
    if first.get("tags"):
        body["tags"] = first["tags"].split()
    return body


def _picked(row: dict[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    """What is filled in; a number that is none is sent as it is, so that the API names the field."""
    filled = {name: row[name].strip() for name in names if (row.get(name) or "").strip()}
    return {
        name: int(value) if name in _NUMBERS and value.lstrip("-").isdigit() else value
        for name, value in filled.items()
    }
