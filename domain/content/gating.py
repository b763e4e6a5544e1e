"""What gates hold back of a change: prices wait for what is said about prices, everything else for the rest; pure."""

from collections.abc import Iterable
from typing import NamedTuple

from domain.catalog.findings import Finding, Gate
from domain.content.fields import is_money, sku_of

OF_PRICES: frozenset[Gate] = frozenset({"price", "price_floor", "currency"})
OF_ALL: frozenset[Gate] = frozenset({"lifecycle"})


class Held(NamedTuple):
    """Fields that may not be told, and the findings that say why."""

    fields: tuple[str, ...]
    findings: tuple[Finding, ...]


def held_back(findings: Iterable[Finding], names: Iterable[str]) -> Held | None:
    """None where nothing of these fields is held. A missing picture stops no price, a price below its floor no text."""
    stopping = [finding for finding in findings if finding.stops]
    held: dict[str, list[Finding]] = {}
    for name in names:
        why = [finding for finding in stopping if _concerns(finding, name)]
        if why:
            held[name] = why
    if not held:
        return None
    said = dict.fromkeys(finding for why in held.values() for finding in why)
    return Held(tuple(held), tuple(said))


def _concerns(finding: Finding, name: str) -> bool:
    if finding.gate in OF_ALL:
        return True
    if finding.gate in OF_PRICES:
        return is_money(name) and finding.sku in {"", sku_of(name)}
    return not is_money(name)
