"""Whether a channel shows what it was told, in its own way of writing it."""

import re
from collections.abc import Mapping
from typing import Any

_SPACE = re.compile(r"\s+")
_BETWEEN_TAGS = re.compile(r">\s+<")
_COPY = re.compile(r"(-\d+|_[0-9a-f-]{36})(?=\.\w+$)")


def same(name: str, shown: Any, wanted: Any) -> bool:
    """Apart from white space, the order of keys, null for empty, a list of one, and the address that a picture is given."""
    if name == "media":
        return [_file(one) for one in shown or ()] == [_file(one) for one in wanted or ()]
    return bool(_plain(shown) == _plain(wanted))


def proves(shown: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether every field is as it was wanted: then the write has landed."""
    return all(same(name, shown.get(name), value) for name, value in wanted.items())


def rewritten(shown: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Fields that the channel shows otherwise than it was told."""
    return tuple(name for name, value in wanted.items() if not same(name, shown.get(name), value))


def _file(address: str) -> str:
    """Platforms keep a file's name when they take it in; some number a second copy."""
    return _COPY.sub("", address.partition("?")[0].rpartition("/")[2]).lower()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _BETWEEN_TAGS.sub("><", _SPACE.sub(" ", value).strip()) or None
    if isinstance(value, Mapping):
        parts = {key: _plain(part) for key, part in value.items()}
        return {key: part for key, part in sorted(parts.items()) if part not in (None, "", [])} or None
    if isinstance(value, list | tuple):
        entries = [_plain(part) for part in value]
        return entries[0] if len(entries) == 1 else entries or None
    return value
