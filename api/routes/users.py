"""Users: made, listed, changed, let in by a link."""

from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from api.auth import Admin, Viewer
from api.deps import HubDep, Now
from api.expected import Unchanged
from api.schemas.users import LinkOut, UserChange, UserIn, UserOut
from db import audit, one_time_codes, sessions, users, versions
from db.users import Changed
from domain.errors import DomainError

router = APIRouter(prefix="/users", tags=["users"])

UserId = Annotated[str, Path(max_length=64)]


@router.get("")
async def list_users(hub: HubDep, _caller: Admin) -> list[UserOut]:
    """All users, the disabled ones too."""
    found = await hub.database.read(lambda tx: users.every(tx, hub.vault))
    return [UserOut.model_validate(user) for user in found]


@router.get("/names")
async def list_names(hub: HubDep, _caller: Viewer) -> dict[str, str]:
    """The name of each user by id, for what says who did something."""
    found = await hub.database.read(lambda tx: users.every(tx, hub.vault))
    return {user.id: user.name for user in found}


@router.post("", status_code=201)
async def create_user(wish: UserIn, hub: HubDep, caller: Admin, now: Now) -> UserOut:
    """Make a user; they come in by a sign-in link, or through the provider."""

    def work(tx: Connection) -> UserOut:
        user_id = users.create(
            tx, hub.vault, name=wish.name, email=wish.email, role=wish.role, by=caller, now=now
        )  # fmt: skip
        return UserOut.model_validate(users.read(tx, hub.vault, user_id))

    return await hub.database.write(work)


@router.patch("/{user}")
async def change_user(
    user: UserId, wish: UserChange, hub: HubDep, caller: Admin, now: Now, unchanged: Unchanged
) -> UserOut:
    """Rename, give another role, disable, enable; it holds for the sessions that are under way."""

    def work(tx: Connection) -> UserOut:
        unchanged.check(tx, versions.user(user))
        users.change(tx, hub.vault, user, Changed(**wish.model_dump()), by=caller, now=now)
        if wish.disabled:
            sessions.end_all(tx, user, now)
            one_time_codes.forget_all(tx, user)
        return UserOut.model_validate(users.read(tx, hub.vault, user))

    return await hub.database.write(work)


@router.post("/{user}/sign-in-link", status_code=201)
async def make_sign_in_link(user: UserId, hub: HubDep, caller: Admin, now: Now) -> LinkOut:
    """A link that lets them in once and lets them set a password; an older one is good no longer."""

    def work(tx: Connection) -> one_time_codes.NewCode:
        if users.row_of(tx, user).disabled_at is not None:
            raise DomainError("user_disabled", "the user is disabled; enable them first")
        audit.record(tx, caller, "user.link", user, now=now)
        return one_time_codes.make(tx, "link", user, now)

    new = await hub.database.write(work)
    address = f"{hub.settings.console_address}/sign-in?code={new.code}"
    return LinkOut(code=new.code, address=address, expires_at=new.expires_at)
