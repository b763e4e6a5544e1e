"""Recomputing the inventory ledger."""

from typing import TYPE_CHECKING

from temporalio import activity

from activities.mapped import mapped
from domain.refs import Certified

if TYPE_CHECKING:
    from db.desks.audit import AuditDesk


class AuditActivities:
    """Touches only our own database."""

    def __init__(self, desk: "AuditDesk") -> None:
        self._desk = desk

    @activity.defn
    @mapped
    async def certify_stock(self) -> Certified:
        """Recompute every balance, sign the result and keep it."""
        return await self._desk.certify()
