"""The database as a return's writes to the outside see it: what is asked, and what is then shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connectors.contract import Label, ShownPayment
from connectors.contract.returns import ShownReturn
from db.desks.returns import ReturnDesk
from db.effects import confirm, reject
from db.returns import duties, requests
from db.returns.refunds import made
from db.returns.rows import REFUNDS, change, row_of, tell
from domain.refs import DutyRef
from domain.returns.progress import Progress


class ReturnDutyDesk(ReturnDesk):
    """Requests, and what became of them."""

    async def request(self, about: DutyRef) -> Any:
        """What the outside is asked, the person included; None when it is not wanted any more."""

        def work(tx: Connection) -> Any:
            row = requests.locked_for(tx, about.given)
            duty = duties.find(tx, about.id)
            if row is None or duty.state:
                return None
            return requests.request(tx, self.vault, row, duty)

        return await self.database.write(work)

    async def done(self, about: DutyRef, key: str, shown: Any) -> Progress:
        """The platform shows it: proven. A refund that is there and failed moved no money."""
        if isinstance(shown, ShownPayment) and shown.state == "failed":
            return await self.refused(about, key, "failed")

        def work(tx: Connection, now: datetime) -> None:
            proof = shown.model_dump(mode="json", exclude={"document_url"}) if shown is not None else {}
            confirm(tx, key, proof, now)
            row, duty = row_of(tx, about.given.return_id), duties.find(tx, about.id)
            duties.settle(tx, duty.id, "done", proof)
            self._keep(tx, row, duty, shown, now)
            tell(
                tx,
                row,
                f"{about.kind}_done",
                f"done:{duty.id}",
                now=now,
                by="tutti",
                data={"about": duty.about},
                wakes=False,
            )

        return await self.write(about.given, work)

    def _keep(self, tx: Connection, row: Row[Any], duty: Row[Any], shown: Any, now: datetime) -> None:
        match shown:
            case ShownPayment():
                made(tx, requests.refund_of(tx, duty), shown.external_id, shown.amount, now)
            case Label():
                requests.keep_label(tx, self.vault, row, duty, shown)
            case ShownReturn():
                change(tx, row.id, external_id=shown.external_id)

    async def refused(self, about: DutyRef, key: str, code: str) -> Progress:
        """A person must look: the exception names the effect."""

        def work(tx: Connection, now: datetime) -> None:
            reject(tx, key, code, now)
            duty = duties.find(tx, about.id)
            duties.settle(tx, duty.id, "refused")
            if duty.kind == "refund":
                mine = REFUNDS.c.id == requests.refund_of(tx, duty).id
                tx.execute(REFUNDS.update().where(mine, REFUNDS.c.state != "made").values(state="calling"))
            row = row_of(tx, about.given.return_id)
            tell(
                tx,
                row,
                f"{about.kind}_refused",
                f"refused:{duty.id}:{now.isoformat()}",
                now=now,
                by="tutti",
                data={"code": code},
                wakes=False,
            )

        return await self.write(about.given, work)

    async def skipped(self, about: DutyRef) -> Progress:
        """There is nothing to tell, or nobody who could be told."""
        return await self.write(about.given, lambda tx, now: self._skip(tx, about, now))

    @staticmethod
    def _skip(tx: Connection, about: DutyRef, now: datetime) -> None:
        if duties.settle(tx, about.id, "skipped"):
            row = row_of(tx, about.given.return_id)
            tell(tx, row, f"{about.kind}_skipped", f"skipped:{about.id}", now=now, by="tutti", wakes=False)
