"""Passwords: hashed with Argon2 outside the event loop, a few at a time, alike for addresses that nobody has."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import NamedTuple

from pwdlib import PasswordHash

AT_ONCE = 2
"""A hash takes 64 MiB and a processor core: more at once would let anyone who asks starve the API."""


class Verdict(NamedTuple):
    """Whether the password fits; `renewed` is the hash to keep from now on, when the old one is weaker than today's."""

    fits: bool
    renewed: str | None = None


class Passwords:
    """One per process."""

    def __init__(self) -> None:
        self._hasher = PasswordHash.recommended()
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, kept: str | None) -> Verdict:
        """Takes as long when there is nothing to compare with, so that the time does not tell who has an account."""
        async with self._turn:
            return await asyncio.to_thread(self._verify, password, kept)

    def _verify(self, password: str, kept: str | None) -> Verdict:
        nobodys = self._nobodys  # made by whoever comes first, whether there is somebody or not
        fits, renewed = self._hasher.verify_and_update(password, kept or nobodys)
        return Verdict(fits, renewed) if kept is not None else Verdict(fits=False)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("the password of nobody")
