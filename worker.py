"""The process that runs workflows and activities: the list of both, and the wiring."""

import asyncio
import gc
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog
import uvloop
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.audit import AuditActivities
from activities.channel import ChannelActivities
from activities.content import ContentActivities
from activities.content_verification import ContentVerificationActivities
from activities.effects import Effects
from activities.fulfillment import FulfillmentActivities
from activities.launch import LaunchActivities
from activities.launch_listings import LaunchListingActivities
from activities.launch_restoring import LaunchRestoringActivities
from activities.payments import PaymentActivities
from activities.publication import PublicationActivities
from activities.return_duties import ReturnDutyActivities
from activities.returns import ReturnActivities
from activities.routing import RoutingActivities
from activities.sweep import SweepActivities
from activities.verification import VerificationActivities
from cli.finish import finish
from db.desks.audit import AuditDesk
from db.desks.channel import ChannelDesk
from db.desks.content import ContentDesk
from db.desks.content_verification import ContentVerificationDesk
from db.desks.fulfillment import FulfillmentDesk
from db.desks.launch import LaunchDesk
from db.desks.launch_listings import LaunchListingDesk
from db.desks.launch_restoring import LaunchRestoringDesk
from db.desks.ledger import EffectDesk
from db.desks.payments import PaymentDesk
from db.desks.publication import PublicationDesk
from db.desks.return_duties import ReturnDutyDesk
from db.desks.returns import ReturnDesk
from db.desks.routing import RoutingDesk
from db.desks.sweep import SweepDesk
from db.desks.verification import VerificationDesk
from runtime.heartbeat import heartbeat
from runtime.logs import configure_logs
from runtime.mail import Mailer
from runtime.media import read_media
from runtime.product_check import gated
from runtime.relay import Relay
from runtime.settings import Settings
from runtime.temporal import connect, prepare_namespace
from runtime.wiring import Hub
from workflows.content_sync import ContentSync
from workflows.content_verification import ContentVerification
from workflows.inventory_sync import InventorySync
from workflows.names import CHANNELS, WORKFLOWS
from workflows.order_routing import OrderRouting
from workflows.product_launch import ProductLaunch
from workflows.return_handling import ReturnHandling
from workflows.stock_audit import StockAudit
from workflows.stock_verification import StockVerification
from workflows.sweep import Sweep

WORKFLOW_TYPES = [
    ContentSync,
    ContentVerification,
    InventorySync,
    OrderRouting,
    ProductLaunch,
    ReturnHandling,
    StockAudit,
    StockVerification,
    Sweep,
]
RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("workflows", "activities", "connectors", "domain")
)
"""Importing our own code anew for every run would cost 4 to 8 ms each; it holds no state, and replay tests watch it."""
AT_ONCE = 12
"""One Python process gets no quicker by doing more at once; tasks that wait their turn here would time out."""
GRACE = timedelta(seconds=15)
"""How long steps that are under way may go on after a stop; the supervisor waits a little longer."""

log = structlog.get_logger()


def workers(client: Client, hub: Hub) -> list[Worker]:
    """Two task queues: our own database, and everything outside (apart, so that no limit is got round)."""
    effects = Effects(EffectDesk(hub.database))
    routing = RoutingActivities(RoutingDesk(hub.database))
    fulfillment = FulfillmentActivities(FulfillmentDesk(hub.database, hub.vault), effects, hub)
    channel = ChannelActivities(ChannelDesk(hub.database), effects, hub)
    payments = PaymentActivities(PaymentDesk(hub.database), effects, hub)
    audit = AuditActivities(AuditDesk(hub.database, hub.keys.sign, hub.keys.public_key))
    returns = ReturnActivities(ReturnDesk(hub.database, hub.vault))
    duties = ReturnDutyActivities(ReturnDutyDesk(hub.database, hub.vault), effects, hub, Mailer(hub.settings))
    sweep = SweepActivities(SweepDesk(hub.database, hub.vault), hub)
    launch = LaunchActivities(LaunchDesk(hub.database))
    listings = LaunchListingActivities(
        LaunchListingDesk(hub.database), effects, hub, partial(gated, hub), partial(read_media, hub)
    )
    restoring = LaunchRestoringActivities(LaunchRestoringDesk(hub.database), effects, hub)
    publication = PublicationActivities(PublicationDesk(hub.database), hub)
    content = ContentActivities(ContentDesk(hub.database), hub, partial(read_media, hub))
    looking = ContentVerificationActivities(ContentVerificationDesk(hub.database), hub)
    verification = VerificationActivities(VerificationDesk(hub.database), hub)
    own = Worker(
        client,
        task_queue=WORKFLOWS,
        workflows=WORKFLOW_TYPES,
        workflow_runner=RUNNER,
        activities=[
            routing.route_and_reserve, routing.look, routing.release_stock, routing.want_recall, routing.stop_order,
            launch.look_at_launch, launch.approve_launch, launch.pass_barrier, launch.give_up_channel, launch.stop_launch,
            audit.certify_stock,
            returns.look_at_return, returns.withdraw_return, returns.stop_return,
        ],
        activity_executor=ThreadPoolExecutor(1),
        max_concurrent_workflow_tasks=AT_ONCE,
        max_concurrent_local_activities=AT_ONCE,
        max_cached_workflows=1000,
        graceful_shutdown_timeout=GRACE,
    )  # fmt: skip
    outside = Worker(
        client,
        task_queue=CHANNELS,
        activities=[
            fulfillment.send_fulfillment_order, fulfillment.recall_fulfillment_order,
            channel.report_tracking, channel.tell_cancel,
            payments.capture, payments.refund_lines, payments.void_authorization,
            listings.look_at_listings, listings.stage_listings, listings.publish_listings, listings.see_listings,
            listings.watch_listings, restoring.restore_listings,
            duties.do_duty, publication.publish_stock, content.sync_content,
            looking.begin_content_verification, looking.verify_listings,
            verification.begin_verification, verification.verify_numbers,
            sweep.find_missed_orders, sweep.find_missed_reports, sweep.find_missed_counts, sweep.repair_subscriptions,
        ],
        max_concurrent_activities=100,
        disable_eager_activity_execution=True,
        graceful_shutdown_timeout=GRACE,
    )  # fmt: skip
    return [own, outside]


async def main() -> None:
    """Work until SIGTERM or SIGINT; then finish what is under way."""
    settings = Settings()
    configure_logs(settings, "worker")
    hub = Hub(settings)
    client = await connect(settings, patience=timedelta(minutes=2), metrics=True)
    await prepare_namespace(client, timedelta(days=settings.retention_histories_days))
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    relay = asyncio.create_task(Relay(hub, client).run())
    running = workers(client, hub)
    async with running[0], running[1]:
        gc.collect()
        gc.freeze()  # what is loaded now stays: without this every full collection walks it all again
        async with heartbeat(settings, "worker"):
            log.info("worker is ready", queues=[WORKFLOWS, CHANNELS])
            await asyncio.wait({relay, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
            relay.cancel()
    with suppress(asyncio.CancelledError):
        await relay
    await hub.close()


if __name__ == "__main__":
    uvloop.run(main())
    finish(0)
