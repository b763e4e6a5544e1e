"""A check as a person reads it: each field with its value and source, then what stands against it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cli.client import CONSOLE
from cli.hub import show

if TYPE_CHECKING:
    from domain.catalog.filling import FilledField
    from domain.catalog.gates import Checked

WIDTH = 60
_OWNERS = {"channel": "the channel's own", "person": "set once, then a person's", "us": ""}


def show_check(answer: Checked, name: str) -> None:
    """`name` may be a SKU: then the fields of other variants are left out."""
    filled = answer.filled
    skus = [tag.sku for tag in filled.tags]
    shown = {"", name} if name in skus else {"", *skus}
    CONSOLE.rule(f"{filled.product_id} on {filled.channel} (form {filled.form_version}, kind {filled.kind or 'none'})")
    rows = [
        (f"{one.sku} {one.to}".strip(), _shown(one.value), one.source, _note(one))
        for one in filled.fields
        if one.sku in shown
    ]
    rows += [
        (f"{tag.sku} price", str(tag.price or ""), "prices", _OWNERS[tag.owner])
        for tag in filled.tags
        if tag.sku in shown
    ]
    rows += [("media", f"{len(filled.media)} pictures", "media", _OWNERS[filled.media_owner])]
    show(("field", "value", "from", ""), rows)
    for finding in answer.findings:
        if finding.sku in shown:
            color, word = (
                ("green", f"waived by {finding.waived_by}") if finding.waived_by else _severity(finding.severity)
            )
            CONSOLE.print(f"[{color}]{word}[/] {finding.gate}: {finding}", highlight=False, soft_wrap=True)
    verdict = "may be published" if answer.passes else "may not be published"
    CONSOLE.print(f"{filled.product_id} {verdict} on {filled.channel}", style="bold")


def _severity(severity: str) -> tuple[str, str]:
    return ("red", "stops") if severity == "blocking" else ("yellow", "warning")


def _note(field: FilledField) -> str:
    cut = f"was {_shown(field.original)}" if field.original is not None else ""
    return ", ".join(part for part in (cut, _OWNERS[field.owner]) if part)


def _shown(value: Any) -> str:
    text = (
        value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
    )
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}... ({len(text)} characters)"
