"""Rows as they were."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import Row


class Past(SimpleNamespace):
    """A row with the values of then, for whoever reads it like a row."""

    def _asdict(self) -> dict[str, Any]:
        return vars(self)


def past(row: Any, **then: Any) -> Any:
    """The row, with these values."""
    return Past(**{**row._asdict(), **then})


class Facts(NamedTuple):
    """An order's facts on both sides of the instant, in the order in which they were recorded."""

    before: Sequence[Row[Any]]
    after: Sequence[Row[Any]]
    at: datetime

    def about(self, name: str, value: str) -> "Facts":
        """Those whose data name this."""
        return Facts(_with(self.before, name, value), _with(self.after, name, value), self.at)

    def last(self, *kinds: str) -> Row[Any] | None:
        """The newest of these kinds that was known."""
        return next((fact for fact in reversed(self.before) if fact.kind in kinds), None)


def _with(facts: Iterable[Row[Any]], name: str, value: str) -> list[Row[Any]]:
    return [fact for fact in facts if fact.data.get(name) == value]
