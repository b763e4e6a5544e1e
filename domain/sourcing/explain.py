"""Puts a plan's facts into words: a sentence for every location, and one line for the whole plan."""

from domain.money import Money
from domain.sourcing.plan import Candidate, RoutingPlan, ShortfallReason, Verdict

SENTENCES = {
    Verdict.DISABLED: "is switched off",
    Verdict.EXCLUDED_FOR_ORDER: "may not serve this order: {detail}",
    Verdict.EXCLUDED_BY_RULE: "is excluded by the rule",
    Verdict.NOT_PICKUP_LOCATION: "is not {detail}, where the buyer picks up",
    Verdict.NO_PICKUP: "does not offer pickup",
    Verdict.KIND: "is a {detail}, which the rule does not allow",
    Verdict.REGION: "is in region {detail}, which the rule does not allow",
    Verdict.DISTANCE: "is too far away: {detail}",
    Verdict.DISTANCE_UNKNOWN: "has no known distance, and the rule limits it",
    Verdict.NO_LANE: "has no carrier lane to the destination",
    Verdict.HAZMAT: "has the goods but does not accept hazmat",
    Verdict.NO_STOCK: "has none of the goods",
    Verdict.CAPACITY: "has no capacity left in the next 60 days",
    Verdict.BUNDLE: "has {units} of {demanded}, but only parts of bundle {detail}, which leaves one location whole",
    Verdict.PARCEL_LIMIT: "has {units} of {demanded}, and the rule allows one parcel",
    Verdict.COVERS_LESS: "has {units} of {demanded}, and no plan with it covers more, or as much for less",
    Verdict.HELD_BACK: "has {units} of {demanded}, but the order leaves complete or not at all",
    Verdict.TIE: "costs the same and lost the tie: fewer parcels first, then earlier ids",
}
SHORTFALLS = {
    ShortfallReason.NO_RULE: "no sourcing rule matches the order",
    ShortfallReason.NO_STOCK: "the locations that may serve the order do not have enough",
    ShortfallReason.PARCEL_LIMIT: "there is stock, but not within the parcels that are allowed",
    ShortfallReason.BUNDLE: "no location that may serve the order has its bundle whole",
    ShortfallReason.HELD_BACK: "there is stock, but the order leaves complete or not at all",
}


def sentence(candidate: Candidate, plan: RoutingPlan) -> str:
    """Why the location was chosen or lost, to be read after its name."""
    if candidate.verdict is Verdict.CHOSEN:
        return _chosen(candidate, plan)
    if candidate.verdict is Verdict.COST:
        return _too_costly(candidate, plan)
    demanded = plan.units_sent + sum(shortfall.quantity for shortfall in plan.shortfalls)
    return SENTENCES[candidate.verdict].format(
        detail=candidate.detail, units=candidate.units, demanded=_units(demanded)
    )


def why(plan: RoutingPlan) -> str:
    """One line for tables and `tutti why`: who sends what for how much, who came closest, and what stays behind."""
    parts = [
        f"{candidate.location_id} {sentence(candidate, plan)}"
        for candidate in plan.candidates
        if candidate.verdict is Verdict.CHOSEN
    ]
    if len(plan.parcels) > 1:
        parts.append(f"{_money(plan.total_minor, plan)} in all")
    if plan.parcels and not plan.is_optimal:
        parts.append(f"the optimum is at most {_money(plan.proven_gap_minor, plan)} below")
    closest = _closest_loser(plan)
    if closest is not None:
        parts.append(f"{closest.location_id} {sentence(closest, plan)}")
    parts += [
        f"{_units(left.quantity)} of line {left.line_id} {'backordered' if left.backordered else 'not covered'}: "
        f"{SHORTFALLS[left.reason]}"
        for left in plan.shortfalls
    ]
    return "; ".join(parts)


def _closest_loser(plan: RoutingPlan) -> Candidate | None:
    scored = [
        (candidate.score_minor, candidate.location_id, candidate)
        for candidate in plan.candidates
        if candidate.verdict is not Verdict.CHOSEN and candidate.score_minor is not None
    ]
    return min(scored)[2] if scored else None


def _chosen(candidate: Candidate, plan: RoutingPlan) -> str:
    parcel = next((parcel for parcel in plan.parcels if parcel.location_id == candidate.location_id), None)
    if parcel is None:  # a decision stored before its parcels were taken back still reads
        return "was chosen, and sends nothing"
    whole = len(plan.parcels) == 1 and not plan.shortfalls
    what = f"all {_units(parcel.units)}" if whole and parcel.units > 1 else _units(parcel.units)
    verb = "hands over" if parcel.zone is None else "ships"
    return f"{verb} {what} on {parcel.ship_on} for {_money(parcel.cost.total_minor, plan)}"


def _too_costly(candidate: Candidate, plan: RoutingPlan) -> str:
    score = candidate.score_minor or 0
    more = _money(score - plan.total_minor, plan)
    if candidate.alone_minor == score:
        because = f", mostly for {candidate.detail}" if candidate.detail else ""
        zone = f" (zone {candidate.zone})" if candidate.detail == "shipping" else ""
        return f"would cost {more} more{because}{zone}"
    if score <= plan.total_minor:
        return f"has {_units(candidate.units)}, and no cheaper plan with it was found"
    return f"has {_units(candidate.units)}, and a plan with it costs at least {more} more"


def _units(count: int) -> str:
    return f"{count} unit" if count == 1 else f"{count} units"


def _money(minor: int, plan: RoutingPlan) -> str:
    return str(Money(amount_minor=minor, currency=plan.currency))
