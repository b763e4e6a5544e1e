"""Turns the chosen locations and amounts into parcels: which line gets which units, and what each parcel costs by reason."""

from domain.sourcing.network import MINOR, Network
from domain.sourcing.offers import Offer
from domain.sourcing.plan import CostBreakdown, PlannedLine, PlannedParcel
from domain.sourcing.problem import SourcingProblem
from domain.sourcing.search import Search


def parcels_of(problem: SourcingProblem, search: Search) -> tuple[PlannedParcel, ...]:
    """In the order of location ids; units of an item go to the order's lines in their order."""
    network = search.network
    chosen = sorted(
        zip(search.chosen, search.amounts, strict=True), key=lambda pair: network.offers[pair[0]].location.id
    )
    open_lines = [(line, line.quantity) for line in problem.demand]
    parcels = []
    for number, (index, row) in enumerate(chosen):
        units = {item.id: count for item, count in zip(network.items, row, strict=True)}
        lines, still_open = [], []
        for line, wanted in open_lines:
            take = min(wanted, units[line.item_id])
            units[line.item_id] -= take
            if take:
                lines.append(PlannedLine(line_id=line.line_id, item_id=line.item_id, quantity=take))
            if take < wanted:
                still_open.append((line, wanted - take))
        open_lines = still_open
        offer = network.offers[index]
        parcels.append(
            PlannedParcel(
                location_id=offer.location.id,
                lines=tuple(lines),
                zone=offer.zone_name,
                ship_on=offer.ship_on,
                deliver_on=offer.deliver_on,
                cost=_cost(network, offer, row, is_first=number == 0),
            )
        )
    return tuple(parcels)


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
