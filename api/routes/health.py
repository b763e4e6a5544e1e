"""Whether the hub lives, whether it can work, and its figures."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from api.auth import Viewer
from api.deps import HubDep, Now
from api.metrics import exposition
from db import figures
from runtime.keys import CannotDecryptError

router = APIRouter(tags=["health"])


class Check(BaseModel):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str = ""


class Readiness(BaseModel):
    """`ready` when the database and the key are; the relay may be away, deliveries are kept all the same."""

    ready: bool
    checks: list[Check]


@router.get("/healthz")
async def alive() -> dict[Literal["status"], Literal["ok"]]:
    """The process answers."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Not ready; the checks say why"}},
)
async def ready(hub: HubDep, now: Now) -> Response:
    """The database answers, the master key is the right one; and how the relay is."""
    try:
        wrapped, leases = await hub.database.read(lambda tx: (figures.some_wrapped_key(tx), figures.leases(tx)))
    except SQLAlchemyError as error:
        checks = [Check(name="database", ok=False, detail=type(error).__name__)]
    else:
        until = leases.get("relay")
        left = f"held for another {(until - now).total_seconds():.0f} s" if until else "nobody has taken it yet"
        checks = [
            Check(name="database", ok=True),
            _key(hub.vault.cipher.unwrap, wrapped) if wrapped else Check(name="key", ok=True, detail="nothing to open"),
            Check(name="relay", ok=until is not None and until > now, detail=left),
        ]
    is_ready = all(check.ok for check in checks if check.name != "relay")
    return JSONResponse(Readiness(ready=is_ready, checks=checks).model_dump(), 200 if is_ready else 503)


def _key(unwrap: Callable[[bytes], bytes], wrapped: bytes) -> Check:
    try:
        unwrap(wrapped)
    except CannotDecryptError:
        return Check(name="key", ok=False, detail="the master key is not the one that the database was written with")
    return Check(name="key", ok=True)


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
)
async def metrics(hub: HubDep, _caller: Viewer, now: Now) -> Response:
    """The hub's figures in Prometheus form."""
    read = await hub.database.read(lambda tx: figures.read(tx, now))
    return Response(exposition(read), media_type=CONTENT_TYPE_LATEST)
