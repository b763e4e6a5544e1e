"""Turns the chosen locations and amounts into parcels: which line gets which units, and what each parcel costs by reason."""

from domain.sourcing.bundles import Together
from domain.sourcing.network import MINOR, Network
from domain.sourcing.offers import Offer
from domain.sourcing.plan import CostBreakdown, PlannedLine, PlannedParcel
from domain.sourcing.problem import SourcingProblem


def parcels_of(problem: SourcingProblem, together: Together) -> tuple[PlannedParcel, ...]:
    """In the order of location ids; units of an item go to their sets, then to the order's lines in their order."""
    search = together.search
    network = search.network
    chosen = sorted(
        zip(search.chosen, search.amounts, together.sets, strict=True),
        key=lambda parcel: network.offers[parcel[0]].location.id,
    )
    still_open = {line.line_id: line.quantity for line in problem.demand}
    parcels = []
    for number, (index, row, sets) in enumerate(chosen):
        units = {item.id: count for item, count in zip(network.items, row, strict=True)}
        counts = {bundle.name: count for bundle, count in zip(together.bundles, sets, strict=True)}
        lines = _lines(problem, units, counts, still_open)
        offer = network.offers[index]
        parcels.append(
            PlannedParcel(
                location_id=offer.location.id,
                lines=lines,
                zone=offer.zone_name,
                ship_on=offer.ship_on,
                deliver_on=offer.deliver_on,
                cost=_cost(network, offer, row, is_first=number == 0),
            )
        )
    return tuple(parcels)


def _lines(
    problem: SourcingProblem, units: dict[str, int], sets: dict[str, int], still_open: dict[str, int]
) -> tuple[PlannedLine, ...]:
    """Takes what a parcel has out of `units`, and out of what is `still_open` by line."""
    in_sets = {line.line_id: sets[line.bundle] * line.per_bundle for line in problem.demand if line.bundle in sets}
    for line in problem.demand:
        units[line.item_id] -= in_sets.get(line.line_id, 0)
    lines = []
    for line in problem.demand:
        take = in_sets.get(line.line_id)
        if take is None:
            take = min(still_open[line.line_id], units[line.item_id])
            units[line.item_id] -= take
        still_open[line.line_id] -= take
        if take:
            lines.append(PlannedLine(line_id=line.line_id, item_id=line.item_id, quantity=take))
    return tuple(lines)


def _cost(network: Network, offer: Offer, row: list[int], *, is_first: bool) -> CostBreakdown:
    below = sum(max(0, count - free) for count, free in zip(row, offer.free, strict=True))
    return CostBreakdown(
        shipping_minor=offer.zone.base_minor + network.steps(row) * offer.zone.per_step_minor,
        handling_minor=offer.location.handling_minor,
        labor_minor=sum(row) * offer.location.labor_minor_per_unit,
        low_stock_minor=below * network.rule.low_stock_penalty_minor_per_unit,
        lateness_minor=offer.lateness_minor,
        split_minor=0 if is_first else network.split // MINOR,
    )
