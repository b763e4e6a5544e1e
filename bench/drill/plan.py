"""What a drill does: how many orders, how long, which blows in which order; all of it follows from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

LOSE_THE_ENGINE = "temporal file deleted"
"""A blow of its own: the server is killed, its file deleted, and it starts with no memory."""
BLOWS = ("worker", "api", "temporal", "worker", LOSE_THE_ENGINE, "api", "worker", "temporal")


@dataclass(frozen=True)
class Plan:
    """`seconds` is how long the orders come in; the rest of the day follows from that."""

    orders: int = 120
    seconds: float = 60.0
    seed: int = 0
    blows: tuple[str, ...] = BLOWS
    storm: bool = True
    returns: int = 300
    """Orders that come back, on a stack of their own."""
    stock_blows: tuple[str, ...] = ("worker", "temporal", LOSE_THE_ENGINE, "worker")
    """While stock moves, on a stack of its own."""

    def dice(self, who: str) -> Random:
        """Chances of one of the players, independent of how the others' work interleaves."""
        return Random(f"{self.seed}:{who}")
