"""How long things took, counted in buckets that grow by a tenth: percentiles within 5 %, however many there were."""

from collections.abc import Mapping
from math import floor, log

GROWTH = 1.1
FIRST_MS = 1.0


def bucket(seconds: float) -> int:
    """The bucket that this time falls into."""
    return max(0, floor(log(max(seconds * 1000, FIRST_MS) / FIRST_MS) / log(GROWTH)))


def seconds(of_bucket: int) -> float:
    """The middle of a bucket."""
    return float(FIRST_MS * GROWTH ** (of_bucket + 0.5) / 1000)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The time within which this share of them was done; None if there were none."""
    left = share * sum(counts.values())
    for each in sorted(counts):
        left -= counts[each]
        if left <= 0:
            return seconds(each)
    return None
