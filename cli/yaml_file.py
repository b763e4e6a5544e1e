"""Data that a person has written as YAML: read as what it should be, or told field by field what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from runtime.errors import OperatorError

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T", bound=BaseModel)


def read_yaml(file: Path, kind: type[T]) -> T:
    """Of this kind; OperatorError names the file and each wrong field."""
    try:
        return kind.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise OperatorError(f"{file} cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise OperatorError(f"{file} is not YAML: {error}") from None
    except ValidationError as error:
        problems = [f"  {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}" for wrong in error.errors()]
        raise OperatorError(f"{file}:\n" + "\n".join(problems)) from None
