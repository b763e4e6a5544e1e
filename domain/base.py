"""The base of every model in the domain."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value; unknown fields are ignored so that older code reads newer records."""

    model_config = ConfigDict(frozen=True, extra="ignore")
