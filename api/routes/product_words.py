"""Attributes and categories."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import ValidationError
from sqlalchemy import Connection

from api.auth import Operations, Viewer
from api.deps import HubDep, Now
from api.errors import ProblemError
from api.schemas.products import AttributeIn, CategoryIn
from db import audit, words
from domain.catalog.dictionary import Attribute, Category, CategoryId, Code

router = APIRouter(tags=["products"])


@router.get("/attributes")
async def list_attributes(hub: HubDep, _caller: Viewer) -> list[Attribute]:
    """All of them."""
    return list((await hub.database.read(words.dictionary)).attributes.values())


@router.put("/attributes/{code}")
async def put_attribute(
    code: Annotated[Code, Path()], wish: AttributeIn, hub: HubDep, caller: Operations, now: Now
) -> Attribute:
    """Make it or change it; its type stays."""
    try:
        wanted = Attribute(code=code, **wish.model_dump())
    except ValidationError as error:
        raise ProblemError(422, "bad_request", "; ".join(wrong["msg"] for wrong in error.errors())) from None

    def work(tx: Connection) -> None:
        before = words.put_attribute(tx, wanted, now=now)
        told = before.model_dump(mode="json") if before else None
        audit.record(tx, caller, "attribute.put", code, now=now, before=told, after=wanted.model_dump(mode="json"))

    await hub.database.write(work)
    return wanted


@router.get("/categories")
async def list_categories(hub: HubDep, _caller: Viewer) -> list[Category]:
    """The whole tree: each names the one above it."""
    return list((await hub.database.read(words.dictionary)).categories.values())


@router.put("/categories/{category}")
async def put_category(
    category: Annotated[CategoryId, Path()], wish: CategoryIn, hub: HubDep, caller: Operations, now: Now
) -> Category:
    """Make it or change it; the tree stays a tree."""
    wanted = Category(id=category, **wish.model_dump())

    def work(tx: Connection) -> None:
        before = words.put_category(tx, wanted, now=now)
        told = before.model_dump(mode="json") if before else None
        audit.record(tx, caller, "category.put", category, now=now, before=told, after=wanted.model_dump(mode="json"))

    await hub.database.write(work)
    return wanted
