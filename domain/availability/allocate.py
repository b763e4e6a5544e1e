"""Divides the units of one item at one location among the channels that offer it."""

from collections.abc import Mapping

from domain.availability.rules import Fixed, Pool, Priority, Share

Ways = Mapping[str, Pool | Share | Fixed | Priority]


def allocate(units: int, ways: Ways) -> dict[str, int]:
    """How many each channel may offer.

    What is fixed is set aside first, then the shares, each in the order of the channels' names while there is
    any; pool and priority channels see what is left. Whatever the rules, a channel never gets more than there is,
    and what channels have for themselves never adds up to more than there is.
    """
    left = units
    allocated: dict[str, int] = {}
    for channel, way in sorted(ways.items(), key=lambda pair: (isinstance(pair[1], Share), pair[0])):
        if isinstance(way, (Fixed, Share)):
            own = way.units if isinstance(way, Fixed) else units * way.percent // 100
            allocated[channel] = min(own, left)
            left -= allocated[channel]
    for channel, way in ways.items():
        if isinstance(way, Pool):
            allocated[channel] = left
        elif isinstance(way, Priority):
            before = sum(
                other.first_units for other in ways.values() if isinstance(other, Priority) and other.rank < way.rank
            )
            allocated[channel] = max(0, left - before)
    return allocated
