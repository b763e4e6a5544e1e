"""What belongs to the caller: who they are, their session, their password, their saved views."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from sqlalchemy import Connection

from api.auth import Viewer, the_user
from api.deps import HubDep, Now, PasswordsDep
from api.errors import ProblemError
from api.schemas.text import Strict
from api.schemas.users import MeOut, PasswordIn
from db import audit, one_time_codes, saved_views, sessions, sign_in_tries, users

router = APIRouter(prefix="/me", tags=["me"])

Page = Annotated[str, Path(pattern=r"^[a-z][a-z_-]{0,39}$")]
ViewName = Annotated[str, Path(min_length=1, max_length=80)]
_JUST_NOW = timedelta(minutes=15)
"""How long after signing in by a link one may set a password without knowing the old one."""


class ViewIn(Strict):
    """A page's filters as the page itself writes them."""

    query: dict[str, Any] = Field(max_length=50)


class ViewOut(ViewIn):
    """A saved view."""

    name: str


@router.get("")
async def show_me(hub: HubDep, caller: Viewer) -> MeOut:
    """Who calls."""
    if not caller.session_id:
        return MeOut(
            id=caller.id, name=caller.name, email=None, role=caller.role, kind="key", expires_at=None,
            has_password=False,
        )  # fmt: skip

    def work(tx: Connection) -> MeOut:
        user, session = users.read(tx, hub.vault, caller.id), sessions.row_of(tx, caller.session_id)
        return MeOut(
            id=user.id, name=user.name, email=user.email, role=user.role, kind="user",
            expires_at=session.expires_at, has_password=user.has_password,
        )  # fmt: skip

    return await hub.database.read(work)


@router.post("/sign-out", status_code=204)
async def sign_out(hub: HubDep, caller: Viewer, now: Now) -> None:
    """End this session."""
    user = the_user(caller)

    def work(tx: Connection) -> None:
        sessions.end(tx, user.session_id, now)
        audit.record(tx, user, "sign_out", user.id, now=now)

    await hub.database.write(work)


@router.post("/password", status_code=204)
async def change_password(wish: PasswordIn, hub: HubDep, caller: Viewer, passwords: PasswordsDep, now: Now) -> None:
    """Set a password; every other session of the user ends, and links that were made for them."""
    user = the_user(caller)
    found, session = await hub.database.read(
        lambda tx: (users.row_of(tx, user.id), sessions.row_of(tx, user.session_id))
    )
    by_link = session.begun_by == "code" and now - session.created_at < _JUST_NOW
    tries = hub.keys.blind_index(f"password {user.id}")
    if found.password_hash is not None and not by_link:
        if await hub.database.write(lambda tx: sign_in_tries.begin(tx, {tries: sign_in_tries.PER_EMAIL}, now)):
            raise ProblemError(429, "too_many_tries", "too many tries; come again in 15 min")
        if not (await passwords.verify(wish.current or "", found.password_hash)).fits:
            raise ProblemError(422, "wrong_password", "current: this is not your password")
    password_hash = await passwords.hash(wish.new)

    def work(tx: Connection) -> None:
        users.set_password(tx, user.id, password_hash, by=user, now=now)
        sign_in_tries.clear(tx, tries)
        sessions.end_all(tx, user.id, now, but=user.session_id)
        one_time_codes.forget_all(tx, user.id)

    await hub.database.write(work)


@router.get("/views", responses={409: {}})
async def list_views(
    hub: HubDep, caller: Viewer, page: Annotated[str, Query(pattern=r"^[a-z][a-z_-]{0,39}$")]
) -> list[ViewOut]:
    """The views that one saved for a page, by name."""
    user = the_user(caller)
    found = await hub.database.read(lambda tx: saved_views.of_page(tx, hub.vault, user.id, page))
    return [ViewOut(name=name, query=query) for name, query in found.items()]


@router.put("/views/{page}/{name}", status_code=204)
async def save_view(page: Page, name: ViewName, view: ViewIn, hub: HubDep, caller: Viewer, now: Now) -> None:
    """Save a view, or write over the one of this name."""
    user = the_user(caller)
    await hub.database.write(lambda tx: saved_views.save(tx, hub.vault, user.id, page, name, view.query, now))


@router.delete("/views/{page}/{name}", status_code=204)
async def delete_view(page: Page, name: ViewName, hub: HubDep, caller: Viewer) -> None:
    """Forget a view; repeatable."""
    user = the_user(caller)
    await hub.database.write(lambda tx: saved_views.remove(tx, user.id, page, name))
