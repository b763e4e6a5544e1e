"""What is done about drift on each connection; what nobody has said is the default."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from db.connections import load as load_connection
from db.flows import INVENTORY, running
from db.tables.verification import VerificationPolicyRow
from db.upsert import put as put_row
from domain.drift import VerificationPolicy

POLICIES = VerificationPolicyRow.__table__  # type: ignore[attr-defined]


def of(tx: Connection, connection_id: str) -> VerificationPolicy:
    columns = [POLICIES.c[name] for name in VerificationPolicy.model_fields]
    mine = (POLICIES.c.connection_id == connection_id, POLICIES.c.flow == INVENTORY)
    row = tx.execute(select(*columns).where(*mine)).first()
    return VerificationPolicy() if row is None else VerificationPolicy.model_validate(row._asdict())


def put(
    tx: Connection, connection_id: str, policy: VerificationPolicy, *, by: str, now: datetime
) -> VerificationPolicy:
    """Say it; returns what held before."""
    load_connection(tx, connection_id)
    before = of(tx, connection_id)
    row = {
        "connection_id": connection_id,
        "flow": INVENTORY,
        "changed_at": now,
        "changed_by": by,
        **policy.model_dump(),
    }
    put_row(tx, POLICIES, row, keys=("connection_id", "flow"))
    return before


def intervals(tx: Connection) -> dict[str, timedelta]:
    """How often each connection whose flow is not off is verified."""
    return {name: timedelta(minutes=of(tx, name).every_minutes) for name in running(tx, INVENTORY)}
