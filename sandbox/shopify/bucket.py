"""The platform's cost bucket: calls cost points, points come back with time."""

from dataclasses import dataclass, field
from functools import singledispatch
from time import monotonic

from graphql import FieldNode, InlineFragmentNode, IntValueNode, Node, OperationDefinitionNode, OperationType

PAGE_IF_UNKNOWN = 10  # what a page size given as a variable counts as


@dataclass
class Bucket:
    maximum: float = 20_000
    restore_rate: float = 1_000
    available: float = field(default=-1)
    _at: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        if self.available < 0:
            self.available = self.maximum

    def take(self, cost: float) -> bool:
        """Pay for a call; False when there is not enough, and then nothing is taken."""
        at = monotonic()
        self.available = min(self.maximum, self.available + (at - self._at) * self.restore_rate)
        self._at = at
        if cost > self.available:
            return False
        self.available -= cost
        return True

    def cost(self, requested: float, actual: float | None) -> dict[str, object]:
        """`extensions.cost` of an answer."""
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": self.maximum,
                "currentlyAvailable": int(self.available),
                "restoreRate": self.restore_rate,
            },
        }


def cost_of(operation: OperationDefinitionNode) -> int:
    """Points that a document asks for: 10 a mutation, 1 an object, a connection times its page size."""
    mutations = len(operation.selection_set.selections) if operation.operation == OperationType.MUTATION else 0
    return max(1, 10 * mutations + sum(_cost(node) for node in operation.selection_set.selections))


@singledispatch
def _cost(_: Node) -> int:
    return 0


@_cost.register
def _(node: InlineFragmentNode) -> int:
    return sum(_cost(child) for child in node.selection_set.selections)


@_cost.register
def _(node: FieldNode) -> int:
    if node.selection_set is None:
        return 0
    inside = 1 + sum(_cost(child) for child in node.selection_set.selections)
    page = next((argument.value for argument in node.arguments or () if argument.name.value == "first"), None)
    if page is None:
        return inside
    size = int(page.value) if isinstance(page, IntValueNode) else PAGE_IF_UNKNOWN
    return 2 + max(1, size // 10) * inside  # pages are cheaper than their worst case
