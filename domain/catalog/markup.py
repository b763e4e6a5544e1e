"""Markup in texts: what is unclosed, what a channel does not take, and how it is cut without breaking."""

import html
import re
from collections.abc import Collection
from html.parser import HTMLParser

import nh3

VOID = frozenset({"br", "hr", "img", "wbr"})
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_BREAKS = re.compile(r"<(?:br|/p|/li|/h[1-6]|/div)\b[^>]*>", re.IGNORECASE)


class _Tags(HTMLParser):
    """Follows what opens and closes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.used: set[str] = set()
        self.stray: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 the parser's own signature
        self.used.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 the parser's own signature
        self.used.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag not in VOID:
            self.stray.append(tag)


def _read(text: str) -> _Tags:
    tags = _Tags()
    tags.feed(text)
    tags.close()
    return tags


def unclosed(text: str) -> tuple[str, ...]:
    """Tags that open and do not close, or close and are not the one that is open; in the order of the text."""
    tags = _read(text)
    return tuple(dict.fromkeys([*tags.open, *tags.stray]))


def not_allowed(text: str, allowed: Collection[str]) -> tuple[str, ...]:
    """Tags that the channel does not take."""
    return tuple(sorted(_read(text).used - set(allowed)))


def cleaned(text: str, allowed: Collection[str]) -> str:
    """With those tags only, all of them closed; scripts and event handlers never pass."""
    attributes = {tag: names for tag, names in _ATTRIBUTES.items() if tag in allowed}
    return nh3.clean(text, tags=set(allowed), attributes=attributes, link_rel=None)


def plain(text: str) -> str:
    """Without any markup; paragraphs and line breaks become new lines."""
    bare = html.unescape(nh3.clean(_BREAKS.sub("\n", text), tags=set()))
    lines = (" ".join(line.split()) for line in bare.splitlines())
    return "\n".join(line for line in lines if line)


def size(text: str, *, in_bytes: bool) -> int:
    return len(text.encode()) if in_bytes else len(text)


def cut(text: str, most: int, *, in_bytes: bool = False, allowed: Collection[str] | None = None) -> str:
    """The longest beginning that ends with a word and, where it is markup, with every tag closed."""
    room = most
    while room > 0:
        short = _cut(text, room, in_bytes=in_bytes)
        if allowed is not None:
            short = cleaned(short, allowed)
        over = size(short, in_bytes=in_bytes) - most
        if over <= 0:
            return short
        room -= over  # closing tags need room as well
    return ""


def _cut(text: str, most: int, *, in_bytes: bool) -> str:
    short = text.encode()[:most].decode(errors="ignore") if in_bytes else text[:most]
    if len(short) == len(text):
        return text
    if short.rfind("<") > short.rfind(">"):  # not in the middle of a tag
        short = short[: short.rfind("<")]
    if text[len(short)].isspace():
        return short.rstrip()
    head, space, _ = short.rpartition(" ")
    return head.rstrip() if space else short
