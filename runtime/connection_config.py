"""A connection's configuration: secrets fetched from where they are kept, checked by the connector, hidden when shown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from connectors.registry import connector as connector_class
from domain.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping


def resolved(value: Any, field: str = "config") -> Any:
    """Put what `env:NAME` and `file:PATH` stand for in their place."""
    if isinstance(value, dict):
        return {name: resolved(part, f"{field}.{name}") for name, part in value.items()}
    if isinstance(value, list):
        return [resolved(part, f"{field}[{place}]") for place, part in enumerate(value)]
    if not isinstance(value, str):
        return value
    kind, _, name = value.partition(":")
    if kind == "env":
        if name not in os.environ:
            raise DomainError("bad_config", f"{field}: the environment has no {name}; set it")
        return os.environ[name]
    if kind == "file":
        try:
            return Path(name).read_text().strip()
        except OSError as error:
            raise DomainError("bad_config", f"{field}: {name} cannot be read ({error.strerror}); correct it") from None
    return value


def checked(platform: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """As the connector's Config takes it, with secrets in clear: to be sealed at once."""
    return {name: _clear(value) for name, value in _model(platform, config).model_dump().items()}


def shown(platform: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """For people: secrets are stars."""
    return _model(platform, config).model_dump(mode="json")


def form(platform: str) -> dict[str, Any]:
    """The JSON schema of the platform's Config."""
    return connector_class(platform).Config.model_json_schema()


def _model(platform: str, config: Mapping[str, Any]) -> BaseModel:
    try:
        return connector_class(platform).Config.model_validate(config)
    except ValidationError as error:
        # the values are left out: one of them may be a secret in the wrong field
        problems = [f"config.{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}" for wrong in error.errors()]
        raise DomainError("bad_config", "; ".join(problems)) from None


def _clear(value: Any) -> Any:
    if isinstance(value, SecretStr | SecretBytes):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {name: _clear(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clear(part) for part in value]
    return value
