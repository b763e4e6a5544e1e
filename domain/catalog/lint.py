"""Words in texts: those that may not stand there, and those that are not the tone."""

import re
from collections.abc import Iterable


def words_in(text: str, words: Iterable[str]) -> list[str]:
    """Those of the words or phrases that stand in the text as whole words, in any case."""
    flat = " ".join(text.split())
    return [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", flat, re.IGNORECASE)]
