"""Bundles: what they come down to, and circles among them by name."""

from collections import Counter
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from domain.errors import DomainError

Recipes = Mapping[str, Mapping[str, int]]
"""What each bundle is made of: units by SKU; a SKU that is not a key is no bundle."""


def leaves(recipes: Recipes, sku: str) -> dict[str, int]:
    """The units of SKUs that are no bundles in one unit of this one; DomainError names the way round a circle."""
    try:
        order = list(
            TopologicalSorter({bundle: recipes[bundle] for bundle in sorted(reached(recipes, sku))}).static_order()
        )
    except CycleError as error:
        way = " → ".join(_from(sku, list(reversed(error.args[1]))))
        raise DomainError(
            "circular_bundle", f"components: the bundle is made of itself ({way}); take one of them out"
        ) from None
    units = Counter({sku: 1})
    for bundle in reversed(order):
        for part, each in recipes.get(bundle, {}).items():
            units[part] += each * units[bundle]
    return {part: count for part, count in units.items() if part not in recipes}


def bundles_above(recipes: Recipes, sku: str) -> list[str]:
    """Bundles that this SKU is part of, directly or within another bundle."""
    return sorted(bundle for bundle in recipes if any(sku in recipes[inner] for inner in reached(recipes, bundle)))


def reached(recipes: Recipes, sku: str) -> set[str]:
    """The bundles that one bundle holds, itself among them."""
    seen, to_see = set[str](), [sku]
    while to_see:
        at = to_see.pop()
        if at in recipes and at not in seen:
            seen.add(at)
            to_see.extend(recipes[at])
    return seen


def _from(sku: str, way: list[str]) -> list[str]:
    """The same circle, told from this SKU on if it is part of it."""
    start = way.index(sku) if sku in way else 0
    return [*way[start:-1], *way[:start], way[start]]
