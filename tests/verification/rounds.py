"""A round of verification, step by step, on the merchant's own clock."""

from functools import partial
from typing import Any

from sqlalchemy import select

from connectors.contract import TakesStockLevels
from db import verification
from db.verification import ROUNDS
from tests.publication.merchant import Merchant


async def verify(merchant: Merchant, channel: TakesStockLevels, connection: str = "web") -> Any:
    """Everything that the channel shows is read back; returns the round's row."""
    at = merchant.write(lambda tx: verification.begin(tx, connection, merchant.now))
    merchant.pass_time(seconds=1)
    while items := merchant.database.read_now(partial(verification.next_items, at=at, limit=200)):
        asked_at = merchant.now
        found = await channel.read_stock(items)
        now = merchant.pass_time(seconds=1)
        at = merchant.write(partial(verification.judge, at=at, items=items, found=found, asked_at=asked_at, now=now))
    merchant.write(lambda tx: verification.end(tx, at, merchant.now))
    return merchant.database.read_now(lambda tx: tx.execute(select(ROUNDS).where(ROUNDS.c.id == at.round)).one())
