"""The master's fields: shown, and each edited in place with what it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.error import tell_done
from console.parts.question import Question
from console.parts.table import Column, Table
from console.parts.text import Text
from console.parts.timeline import Event, timeline
from console.products.values import editable, fields, patch, told, typed, unsaid, variant_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from console.here import Here

COLUMNS = (Column("name", "Field"), Column("value", "Value"))
SHOWN = 400
LONG = {"description"}


class Master:
    """The fields of a product and of one of its variants; a row opens the field."""

    def __init__(
        self,
        here: Here,
        found: Mapping[str, Any],
        attributes: Sequence[Mapping[str, Any]],
        people: Mapping[str, str],
    ) -> None:
        self._here = here
        self._people = people
        self._id = found["id"]
        self._version = found["version"]
        product = found["product"]
        labels = {each["code"]: each["label"] for each in attributes}
        self._fields: dict[str, tuple[str, str, Any, str]] = {}
        self._unsaid = {path: empty for path, _, empty in unsaid(product, attributes)}
        missing = [(path, name, None) for path, name, _ in unsaid(product, attributes)]
        said = [each for each in fields(product, labels) if each[0] not in self._unsaid]
        self._table("Product", [*said, *missing], "")
        variants = product["variants"]
        if not variants:
            return
        chosen = here.query.get("sku") if here.query.get("sku") in variants else next(iter(variants))
        box = ui.select(
            {sku: " · ".join([sku, *each.get("options", {}).values()]) for sku, each in variants.items()},
            label=f"Variant, of {len(variants)}", value=chosen, on_change=lambda event: self._turn_to(str(event.value)),
        )  # fmt: skip
        box.props("outlined dense options-dense")
        self._table("Variant", [*variant_fields(variants[chosen], labels)], str(chosen))

    def _table(self, caption: str, rows: list[tuple[str, str, Any]], sku: str) -> None:
        shown = []
        for path, name, value in rows:
            key = f"{sku}/{path}"
            self._fields[key] = (path, name, value, sku)
            shown.append({"key": key, "name": name, "value": told(value, path)[:SHOWN]})
        opens = self._open if self._here.may("operations") else None
        Table(caption, COLUMNS, shown, on_open=opens).show(shown, foot="Open a field to change it" if opens else "")

    async def _turn_to(self, sku: str) -> None:
        self._here.remember(sku=sku)
        await self._here.reload()

    async def _open(self, key: str) -> None:
        path, name, value, sku = self._fields[key]
        kind = value if value is not None else self._unsaid.get(path)
        whole = f"variants.{sku}.{path}" if sku else path
        past = await self._here.api.get(f"/products/{self._id}/history", field=whole, limit=8)

        async def submit(values: dict[str, Any]) -> None:
            change = patch(path, typed(str(values["value"] or ""), kind, path))
            body = {"variants": {sku: change}} if sku else change
            await self._here.api.patch(f"/products/{self._id}", body, if_match=self._version)

        with Question(f"{name} of {sku or self._id}") as question:
            form = question.form(submit)
            hint = "several, with commas between" if isinstance(kind, list) else ""
            now = editable(value, path)
            form.area("value", name, now, hint=hint) if path in LONG else form.text("value", name, now, hint=hint)
            Text(
                "p",
                "Channels on which it is on sale follow by themselves where their content flow is on.",
                "muted small",
            )
            if past:
                timeline(
                    [
                        Event(each["at"], told(each["after"], path)[:120] or "nothing", self._people[each["actor"]])
                        for each in past
                    ]
                )
        if await question:
            tell_done(f"{name} is changed")
            await self._here.reload()
