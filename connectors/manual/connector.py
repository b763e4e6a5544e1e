"""The channel of call-centre and file orders: it can nothing, so that nothing is asked of it."""

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from connectors.contract import Surroundings


class ManualConfig(BaseModel):
    """Nothing to configure."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ManualConnector:
    """Satisfies no protocol beyond being opened and closed."""

    platform: ClassVar[str] = "manual"
    Config: ClassVar[type[BaseModel]] = ManualConfig

    @classmethod
    def open(cls, config: ManualConfig, around: Surroundings) -> Self:  # noqa: ARG003 every connector is given both
        return cls()

    async def close(self) -> None:
        """There are no sockets to give back."""
