"""API keys: made, listed, revoked."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Admin
from api.deps import HubDep, Now
from db import api_keys
from db.actors import Role

router = APIRouter(prefix="/keys", tags=["keys"])

KeyId = Annotated[str, Path(max_length=64)]


class KeyIn(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=80, pattern=r"^[\w .@-]+$", description="who or what will use it")
    role: Role


class KeyOut(BaseModel):
    """A key, without its token."""

    id: str
    name: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None


class NewKeyOut(BaseModel):
    """The only time that the token is shown."""

    id: str
    token: str


@router.get("")
async def list_keys(hub: HubDep, _caller: Admin) -> list[KeyOut]:
    """All keys, the revoked ones too."""
    rows = await hub.database.read(api_keys.every)
    return [KeyOut.model_validate(row, from_attributes=True) for row in rows]


@router.post("", status_code=201)
async def create_key(key: KeyIn, hub: HubDep, caller: Admin, now: Now) -> NewKeyOut:
    """Make a key; keep the token, it is shown only here."""
    new = await hub.database.write(lambda tx: api_keys.create(tx, name=key.name, role=key.role, by=caller, now=now))
    return NewKeyOut(id=new.id, token=new.token)


@router.delete("/{key}", status_code=204)
async def revoke_key(key: KeyId, hub: HubDep, caller: Admin, now: Now) -> None:
    """Refuse the key from now on; repeatable."""
    await hub.database.write(lambda tx: api_keys.revoke(tx, key, by=caller, now=now))
