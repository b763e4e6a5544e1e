"""Sweep: polls one connection for what its webhooks missed; started by a schedule."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.sweep import SweepActivities
    from domain.errors import DomainError
    from domain.refs import ConnectionRef, Swept
    from workflows.options import poll


@workflow.defn(failure_exception_types=[DomainError])
class Sweep:
    """Nothing to undo: a sweep only reads, and what it finds is taken as if a webhook had brought it."""

    @workflow.init
    def __init__(self, connection: ConnectionRef) -> None:
        self.connection = connection

    @workflow.run
    async def run(self, connection: ConnectionRef) -> Swept:
        name = connection.connection_id
        orders = await workflow.execute_activity_method(
            SweepActivities.find_missed_orders, connection, **poll(f"orders that {name} did not tell", name)
        )
        reports = await workflow.execute_activity_method(
            SweepActivities.find_missed_reports, connection, **poll(f"fulfillment that {name} did not tell", name)
        )
        counts = await workflow.execute_activity_method(
            SweepActivities.find_missed_counts, connection, **poll(f"counts and sales that {name} did not tell", name)
        )
        webhooks = await workflow.execute_activity_method(
            SweepActivities.repair_subscriptions, connection, **poll(f"webhooks of {name} that are off", name)
        )
        return Swept(
            connection_id=name,
            seen=orders.seen,
            missed=orders.missed,
            reports=reports.reports,
            counts=counts.counts,
            scans=reports.scans,
            subscriptions_repaired=webhooks.subscriptions_repaired,
        )
