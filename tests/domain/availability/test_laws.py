"""Laws of availability, over generated stock and rules."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from domain.availability.allocate import allocate
from domain.availability.publishable import Offer, at_location
from domain.availability.rules import AllocationRules, Fixed, Pool, Priority, Share, effective
from domain.availability.safety import Buffer, Safety, buffer
from domain.availability.stock import Balance, bundle_balance

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHANNELS = ("a", "b", "c", "d")
UNITS = st.integers(0, 1000)
WAYS = st.one_of(
    st.just(Pool()),
    st.builds(Share, percent=st.integers(0, 100)),
    st.builds(Fixed, units=UNITS),
    st.builds(Priority, rank=st.integers(1, 4), first_units=UNITS),
)
ALL_WAYS = st.dictionaries(st.sampled_from(CHANNELS), WAYS, min_size=1)


@given(UNITS, ALL_WAYS)
def test_a_channel_never_gets_more_than_there_is(units, ways) -> None:
    assert all(0 <= own <= units for own in allocate(units, ways).values())


@given(UNITS, ALL_WAYS)
def test_what_channels_have_for_themselves_never_adds_up_to_more_than_there_is(units, ways) -> None:
    got = allocate(units, ways)
    own = sum(got[channel] for channel, way in ways.items() if isinstance(way, (Fixed, Share)))

    assert own <= units
    assert all(got[channel] <= units - own for channel, way in ways.items() if isinstance(way, (Pool, Priority)))


@given(UNITS, UNITS, ALL_WAYS)
def test_a_fixed_part_never_shrinks_when_stock_comes_in(units, more, ways) -> None:
    before, after = allocate(units, ways), allocate(units + more, ways)

    assert all(before[channel] <= after[channel] for channel, way in ways.items() if isinstance(way, Fixed))


@given(UNITS, UNITS, UNITS, UNITS, ALL_WAYS)
def test_safety_stock_and_what_a_store_keeps_only_take_away(on_hand, reserved, keep, safety, ways) -> None:
    def numbers(keep: int, safety: int) -> dict[str, int]:
        rules = AllocationRules.model_validate(
            {
                "version": "1",
                "everything": {"keep_in_store": keep},
                "channels": {channel: {"way": way.model_dump()} for channel, way in ways.items()},
            }
        )
        offers = {c: Offer(effective(rules, "X", c, ""), Buffer(safety, "")) for c in ways}
        steps = at_location("shop", Balance(on_hand, reserved), offers, is_store=True, now=NOW)
        return {channel: step.publishable for channel, step in steps.items()}

    free, held = numbers(0, 0), numbers(keep, safety)

    assert all(0 <= held[c] <= max(0, free[c]) for c in ways if isinstance(ways[c], (Pool, Fixed)))
    assert all(0 <= number <= max(0, on_hand - reserved) for number in held.values())


@given(st.dictionaries(st.sampled_from("xyz"), st.integers(1, 5), min_size=1), st.data())
def test_a_bundle_never_promises_more_than_its_components_can_give(parts, data) -> None:
    balances = {part: Balance(data.draw(UNITS), data.draw(UNITS)) for part in parts}

    atp = bundle_balance(parts, balances).atp

    assert all(atp * units <= balances[part].atp for part, units in parts.items())
    assert any((atp + 1) * units > balances[part].atp for part, units in parts.items())


def test_the_most_precise_entry_counts_and_a_peak_only_adds() -> None:
    entries = [Safety("", "", "", "", 1), Safety("X", "", "", "", 5), Safety("", "web", "", "peak", 3)]

    assert buffer(entries, (), "X", "web", "BER") == Buffer(5, "SKU X")
    assert buffer(entries, ("peak",), "Y", "web", "BER") == Buffer(3, "channel web in peak")
    assert buffer(entries, ("peak",), "Y", "other", "BER") == Buffer(1, "everything")


def test_the_first_level_that_says_something_decides_field_by_field() -> None:
    rules = AllocationRules.model_validate(
        {
            "version": "1",
            "everything": {"floor": 1, "keep_in_store": 2},
            "markets": {"eu": {"keep_in_store": 3}},
            "channels": {"web": {"show_at_most": 50}},
            "items": {"X@web": {"way": {"kind": "fixed", "units": 4}}},
        }
    )

    policy = effective(rules, "X", "web", "eu")

    assert (policy.way, policy.keep_in_store, policy.show_at_most, policy.floor) == (Fixed(units=4), 3, 50, 1)
    assert dict(policy.sources) == {
        "way": "SKU X on web",
        "keep_in_store": "market eu",
        "launch": "default",
        "show_at_most": "channel web",
        "floor": "everything",
        "unknown_after_hours": "default",
    }
