"""Items, and the bundles that are made of them."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from domain.base import Frozen
from domain.sourcing.problem import Count

ItemId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]


class Component(Frozen):
    """So many units of an item in one unit of a bundle."""

    model_config = ConfigDict(extra="forbid")

    item_id: ItemId
    quantity: Annotated[int, Field(ge=1)]


class Item(Frozen):
    """A stock-keeping thing; a bundle (one with components) has no stock of its own. `weight_g` is of one unit."""

    model_config = ConfigDict(extra="forbid")

    id: ItemId
    title: Annotated[str, Field(min_length=1)]
    weight_g: Count = 0
    is_hazmat: bool = False
    sku_class: str = ""
    components: tuple[Component, ...] = ()

    @model_validator(mode="after")
    def _check_components(self) -> Self:
        parts = [component.item_id for component in self.components]
        if self.id in parts:
            raise ValueError(f"components: {self.id!r} cannot be made of itself; name other items")
        if len(set(parts)) != len(parts):
            raise ValueError("components: an item appears twice; give it once with its whole quantity")
        return self


class Alias(Frozen):
    """A SKU for an item: on one connection, or (empty) on all. `external_id` is the platform's own id of its stock."""

    model_config = ConfigDict(extra="forbid")

    sku: Annotated[str, Field(min_length=1, max_length=255)]
    connection_id: str = ""
    external_id: str = ""
