"""Which fields a channel must be told so that a listing shows as it should: the fewest that do; pure."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from domain.launch.sameness import same

Fields = Mapping[str, Any]
MONEY = ("price", "compare_at")


def expectation(made: Fields, published: Fields, is_ours: Callable[[str], bool]) -> dict[str, Any]:
    """What the listing should show: all that the form makes, and empty what we once told and the form makes no more.

    A field that has passed to somebody else is not expected any more; prices are never emptied.
    """
    gone = (name for name in published if name not in made and not _is_price(name) and is_ours(name))
    return {**made, **dict.fromkeys(gone)}


def behind(expected: Fields, published: Fields, confirmed: Fields) -> tuple[str, ...]:
    """Fields that the channel does not show as expected and was not told so either."""
    return tuple(
        name
        for name, value in expected.items()
        if not (name in confirmed and same(name, confirmed[name], value))
        and not (name in published and same(name, published[name], value))
    )


def packet(expected: Fields, names: Iterable[str]) -> dict[str, Any]:
    """These fields as they are sent: the two prices of a variant go together, since platforms tell them in one word."""
    chosen = dict.fromkeys(names)
    for name in [name for name in chosen if is_money(name)]:
        place = name.rpartition("/")[0]
        chosen |= dict.fromkeys(
            f"{place}/{each}" for each in MONEY if each == "compare_at" or f"{place}/{each}" in expected
        )
    return {name: expected.get(name) for name in chosen}


def right(expected: Fields, published: Fields, confirmed: Fields) -> int:
    """How many fields show as expected; of one that the channel never shows, its yes is all there is."""
    return sum(_is_right(name, value, published, confirmed) for name, value in expected.items())


def _is_right(name: str, value: Any, published: Fields, confirmed: Fields) -> bool:
    if name in confirmed and same(name, confirmed[name], value):
        return True
    was_told = name in published and same(name, published[name], value)
    return was_told and (name not in confirmed or other_words(value, confirmed[name]))


def other_words(ours: Any, shown: Any) -> bool:
    """Whether the channel says as many things in words of its own (`[{"id": 7}]` for `[{"name": "organic"}]`)."""
    if not (isinstance(ours, list | tuple) and isinstance(shown, list | tuple)) or len(ours) != len(shown):
        return False
    pairs = list(zip(ours, shown, strict=True))
    both = [(a, b) for a, b in pairs if isinstance(a, Mapping) and isinstance(b, Mapping)]
    return bool(pairs) and len(both) == len(pairs) and not any(a.keys() & b.keys() for a, b in both)


def is_money(name: str) -> bool:
    return name.rpartition("/")[2] in MONEY and name.startswith("variants/")


def urgency(names: Collection[str]) -> int:
    """0 where a price waits: it goes before all other content."""
    return 0 if any(is_money(name) for name in names) else 1


def sku_of(name: str) -> str:
    """The variant that a field is of; empty for the product."""
    return name.split("/", 1)[1].rpartition("/")[0] if name.startswith("variants/") else ""


def plain_name(name: str) -> str:
    """Without its variant, as the channel calls it."""
    return name.rpartition("/")[2]


def _is_price(name: str) -> bool:
    return is_money(name) and plain_name(name) == "price"
