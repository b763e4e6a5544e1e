"""The control API that all simulated platforms share: start anew, plan faults, count, wait for webhooks."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from sandbox.faults import FaultPlan, Faults
from sandbox.meter import Meter, Metered
from sandbox.platform import Platform
from sandbox.webhooks import Outbox


class WebhookSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    retry_after_seconds: tuple[float, ...]


def control(platforms: Sequence[Platform], faults: Faults, outbox: Outbox) -> APIRouter:
    router = APIRouter(prefix="/control", tags=["control"])

    @router.get("/health")
    async def health() -> Mapping[str, Any]:
        return {"ok": True, "platforms": [platform.name for platform in platforms]}

    @router.post("/reset")
    async def reset() -> None:
        """Forget shops, orders, faults, deliveries under way and all counters."""
        faults.apply(FaultPlan())
        faults.meter.calls.clear()
        outbox.reset()
        for platform in platforms:
            platform.reset()

    @router.post("/faults")
    async def plan_faults(plan: FaultPlan) -> FaultPlan:
        """Replace the plan and start it from its beginning."""
        faults.apply(plan)
        return plan

    @router.get("/faults")
    async def injected_faults() -> Mapping[str, Any]:
        """The plan, and how often each fault struck: `kind:platform:operation` → count."""
        return {"plan": faults.plan, "injected": faults.injected}

    @router.delete("/faults")
    async def end_faults() -> None:
        faults.apply(FaultPlan())

    @router.get("/counters")
    async def counters() -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        """Committed writes: platform → kind of write → business reference → how often."""
        return {platform.name: platform.counters() for platform in platforms}

    router.include_router(_calls(faults.meter))
    router.include_router(_webhooks(outbox))
    for platform in platforms:
        router.include_router(platform.control, prefix=f"/{platform.name}", tags=[platform.name])
    return router


def _calls(meter: Meter) -> APIRouter:
    router = APIRouter(prefix="/calls")

    @router.get("")
    async def calls() -> list[Metered]:
        """Every call since they were last forgotten, in order."""
        return list(meter.calls)

    @router.delete("")
    async def forget_calls() -> None:
        meter.calls.clear()

    return router


def _webhooks(outbox: Outbox) -> APIRouter:
    router = APIRouter(prefix="/webhooks")

    @router.get("")
    async def webhook_counts() -> Mapping[str, int]:
        return outbox.counts

    @router.post("")
    async def set_webhooks(settings: WebhookSettings) -> None:
        outbox.retry_after_seconds = settings.retry_after_seconds

    @router.post("/drain")
    async def drain_webhooks() -> Mapping[str, int]:
        """Answer when every delivery has arrived or was given up."""
        await outbox.drain()
        return outbox.counts

    return router
