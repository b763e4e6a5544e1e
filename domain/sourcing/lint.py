"""Finds rules that cannot do anything, before they go live."""

from domain.sourcing.rules import Filters, SourcingRules


def lint(rules: SourcingRules) -> list[str]:
    """Sentences about rules that no order can reach, and about orders that no rule reaches; empty when all is well."""
    found = []
    for place, rule in enumerate(rules.rules):
        shadow = next((earlier for earlier in rules.rules[:place] if _includes(earlier.when, rule.when)), None)
        if shadow is not None:
            found.append(
                f"rule {rule.name!r} is dead: {shadow.name!r} comes first and takes all its orders; move it up or drop it"
            )
    if all(rule.when != Filters() for rule in rules.rules):
        found.append("no rule is without filters, so some orders will match none; add a last rule for the rest")
    return found


def _includes(wide: Filters, narrow: Filters) -> bool:
    """Every order that `narrow` lets pass also passes `wide`. May miss cases (False), but a True is certain."""
    lists = [
        (wide.channels, narrow.channels),
        (wide.tags_any, narrow.tags_any),
        (wide.countries, narrow.countries),
        (wide.sku_classes, narrow.sku_classes),
    ]
    return (
        all(not outer or (inner and inner <= outer) for outer, inner in lists)
        and wide.tags_all <= narrow.tags_all
        and wide.currency in {None, narrow.currency}
        and (wide.min_value_minor or 0) <= (narrow.min_value_minor or 0)
        and (
            wide.max_value_minor is None
            or (narrow.max_value_minor is not None and narrow.max_value_minor <= wide.max_value_minor)
        )
    )
