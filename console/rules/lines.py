"""Rules as they are typed: read from YAML, and what the hub says of a field told at its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from console.problems import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence


def read(typed: str) -> dict[str, Any]:
    """The fields; a RefusedError names the line that is no YAML."""
    try:
        body = yaml.safe_load(typed)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"line {mark.line + 1}: " if mark else ""
        raise _wrong(f"{at}this is not YAML: {getattr(error, 'problem', None) or error}") from None
    if not isinstance(body, dict):
        raise _wrong("rules are written as fields: `name: value`, one a line")
    return body


def at_lines(problem: RefusedError, typed: str) -> RefusedError:
    """The same refusal with each field's line before what is wrong with it."""
    told = []
    for wrong in problem.more.get("errors", ()):
        parts = [part for part in str(wrong["field"]).split(".") if part != "body"]
        line = line_of(typed, parts)
        told.append(f"line {line}: {' › '.join(parts)}: {wrong['message']}" if parts else str(wrong["message"]))
    return _wrong("; ".join(told)) if told else problem


def line_of(typed: str, path: Sequence[str]) -> int:
    """The line (from 1) at which the field stands, or the deepest thing above it that is there."""
    node, line = yaml.compose(typed, Loader=yaml.SafeLoader), 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            found = (node.value[int(part)], node.value[int(part)])
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def _wrong(message: str) -> RefusedError:
    return RefusedError(422, {"detail": message, "errors": [{"field": "body", "message": message}]})
