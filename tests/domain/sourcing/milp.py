"""The same order as a mixed-integer program, solved by HiGHS: what the engine's answers are measured against.

Written from the documented cost terms, it shares no code with the search.
Started weight steps are an integer column per location: `step_g * steps >= weight of the parcel`.
"""

import highspy
import numpy as np

from domain.sourcing import SourcingProblem, SourcingRules

UNCOVERED = 100_000  # above the cost of any generated order, so that covering comes first


class _Program:
    def __init__(self) -> None:
        self.solver = highspy.Highs()
        self.solver.silent()
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        self.solver.setOptionValue("mip_abs_gap", 0.4)
        self.columns = 0

    def column(self, cost: float, upper: float = highspy.kHighsInf, *, whole: bool = True) -> int:
        self.solver.addCol(cost, 0.0, upper, 0, np.array([], dtype=np.int32), np.array([], dtype=np.double))
        if whole:
            self.solver.changeColIntegrality(self.columns, highspy.HighsVarType.kInteger)
        self.columns += 1
        return self.columns - 1

    def row(self, low: float, high: float, terms: dict[int, float]) -> None:
        columns = np.array(list(terms), dtype=np.int32)
        self.solver.addRow(low, high, len(terms), columns, np.array(list(terms.values()), dtype=np.double))


def least_cost(problem: SourcingProblem, rules: SourcingRules) -> tuple[int, int]:
    """(uncovered units, cost) of the best plan. Every location has its own lane and zone, named like itself."""
    rule, inf = rules.rules[0], highspy.kHighsInf
    program = _Program()
    demand: dict[str, int] = {}
    weight: dict[str, int] = {}
    for line in problem.demand:
        demand[line.item_id] = demand.get(line.item_id, 0) + line.quantity
        weight[line.item_id] = line.weight_g
    bundles: dict[str, dict[str, int]] = {}
    sets: dict[str, int] = {}
    loose = dict(demand)
    for line in problem.demand:
        if line.bundle and not rule.bundles_may_split:
            bundles.setdefault(line.bundle, {})[line.item_id] = line.per_bundle
            sets[line.bundle] = line.quantity // line.per_bundle
            loose[line.item_id] -= line.quantity
    sent_loose: dict[str, dict[int, float]] = {item: {} for item in demand}
    sent_sets: dict[str, dict[int, float]] = {name: {} for name in bundles}
    covered: dict[str, dict[int, float]] = {item: {program.column(UNCOVERED): 1.0} for item in demand}
    used = []
    for place in problem.locations:
        zone = rules.zones[place.id]
        late = max(0, zone.transit_days - 1)
        fixed = zone.base_minor + place.handling_minor + late * rule.lateness_penalty_minor_per_day
        sends = program.column(fixed, 1)
        used.append(sends)
        steps = program.column(zone.per_step_minor)
        here = {name: program.column(0, sets[name]) for name in bundles}
        for name, column in here.items():
            sent_sets[name][column] = 1.0
        parcel = {steps: float(rules.weight_step_g)}
        for item, wanted in demand.items():
            have = place.stock.get(item, 0)
            units = program.column(place.labor_minor_per_unit, min(have, wanted))
            below = program.column(rule.low_stock_penalty_minor_per_unit)
            program.row(-inf, 0, {units: 1.0, sends: -float(wanted)})
            program.row(-max(0, have - place.low_stock_threshold), inf, {below: 1.0, units: -1.0})
            without_set = program.column(0, loose[item])
            sent_loose[item][without_set] = 1.0
            of_sets = {here[name]: -float(parts[item]) for name, parts in bundles.items() if item in parts}
            program.row(0, 0, {units: 1.0, without_set: -1.0, **of_sets})
            parcel[units] = -float(weight[item])
            covered[item][units] = 1.0
        program.row(0, inf, parcel)
    for item, terms in covered.items():
        program.row(demand[item], demand[item], terms)
    for item, terms in sent_loose.items():
        program.row(-inf, loose[item], terms)
    for name, terms in sent_sets.items():
        program.row(-inf, sets[name], terms)
    further = program.column(rule.split_penalty_minor)
    program.row(-1, inf, {further: 1.0, **dict.fromkeys(used, -1.0)})
    program.row(-inf, rule.parcel_limit, dict.fromkeys(used, 1.0))
    program.solver.run()
    assert program.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    total = round(program.solver.getInfo().objective_function_value)
    return divmod(total, UNCOVERED)
