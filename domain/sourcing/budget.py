"""How much a search may do, counted in nodes instead of seconds: a re-run ends at the same point on any machine."""

from dataclasses import dataclass
from typing import Self

NODES_PER_MILLISECOND = 100  # measured by bench/sourcing.py on one slow core


@dataclass(frozen=True, slots=True)
class Budget:
    """The limit for one decision."""

    nodes: int = 5_000

    @classmethod
    def from_milliseconds(cls, milliseconds: int) -> Self:
        return cls(max(1, milliseconds * NODES_PER_MILLISECOND))


@dataclass(slots=True)
class Meter:
    """What one search has spent of its budget."""

    limit: int
    spent: int = 0

    def spend(self) -> bool:
        """Take one node; False when none is left."""
        if self.spent >= self.limit:
            return False
        self.spent += 1
        return True
