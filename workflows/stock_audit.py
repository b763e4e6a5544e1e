"""StockAudit: recomputes the inventory ledger and signs what it finds; started by a schedule, every hour."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.audit import AuditActivities
    from domain.errors import DomainError
    from domain.refs import Certified
    from workflows.options import database


@workflow.defn(failure_exception_types=[DomainError])
class StockAudit:
    """Nothing to undo: it reads, and adds one certificate."""

    @workflow.init
    def __init__(self) -> None:
        self.certified: Certified | None = None

    @workflow.run
    async def run(self) -> Certified:
        return await workflow.execute_local_activity_method(
            AuditActivities.certify_stock, **database("recompute the ledger and sign the result")
        )
