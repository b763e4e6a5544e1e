"""Says for every unit that no parcel carries why that is."""

from collections import Counter

from domain.sourcing.offers import Item
from domain.sourcing.plan import PlannedParcel, Shortfall, ShortfallReason
from domain.sourcing.problem import SourcingProblem


def shortfalls_of(
    problem: SourcingProblem,
    items: list[Item],
    obtainable: list[int],
    parcels: tuple[PlannedParcel, ...],
    *,
    otherwise: ShortfallReason,
    of_bundles: ShortfallReason | None = None,
    backordered: bool,
) -> tuple[Shortfall, ...]:
    """At most one per line: stock is missing for an item's last lines first, `otherwise` holds where it is not.

    Of units of a bundle `of_bundles` holds instead, where it is given.
    """
    sent: Counter[str] = Counter()
    for parcel in parcels:
        for planned in parcel.lines:
            sent[planned.line_id] += planned.quantity
    lacking = {item.id: item.quantity - units for item, units in zip(items, obtainable, strict=True)}
    found = []
    for line in reversed(problem.demand):
        left = line.quantity - sent[line.line_id]
        without_stock = min(left, lacking[line.item_id])
        lacking[line.item_id] -= without_stock
        if left:
            found.append(
                Shortfall(
                    line_id=line.line_id,
                    item_id=line.item_id,
                    quantity=left,
                    reason=ShortfallReason.NO_STOCK if without_stock else (line.bundle and of_bundles) or otherwise,
                    backordered=backordered,
                )
            )
    return tuple(reversed(found))
