"""Attributes and categories: the words that products are described in."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Table, select

from db.content_marks import mark_all
from db.tables.catalog import AttributeRow, CategoryRow
from db.upsert import put
from domain.catalog.dictionary import Attribute, Category, Dictionary
from domain.errors import DomainError

ATTRIBUTES: Table = AttributeRow.__table__  # type: ignore[attr-defined]
CATEGORIES: Table = CategoryRow.__table__  # type: ignore[attr-defined]


def dictionary(tx: Connection) -> Dictionary:
    """All of them: there are hundreds, not millions."""
    attributes = (Attribute.model_validate(body) for body in tx.execute(select(ATTRIBUTES.c.body)).scalars())
    categories = (Category.model_validate(body) for body in tx.execute(select(CATEGORIES.c.body)).scalars())
    return Dictionary(attributes={one.code: one for one in attributes}, categories={one.id: one for one in categories})


def put_attribute(tx: Connection, attribute: Attribute, *, now: datetime) -> Attribute | None:
    """Make it or replace it; returns what it was. Its type is fixed: products hold values of it."""
    before = dictionary(tx).attributes.get(attribute.code)
    if before and before.type != attribute.type:
        raise DomainError(
            "type_fixed", f"type: {attribute.code} is {before.type}, and products hold such values; use another code"
        )
    put(tx, ATTRIBUTES, {"code": attribute.code, "body": attribute.model_dump(mode="json")}, keys=("code",))
    if before != attribute:
        mark_all(tx, now)
    return before


def put_category(tx: Connection, category: Category, *, now: datetime) -> Category | None:
    """Make it or replace it; returns what it was. The tree stays a tree, and requires attributes that there are."""
    words = dictionary(tx)
    if category.parent and category.parent not in words.categories:
        raise DomainError("unknown_category", f"parent: there is no category {category.parent!r}; make it first")
    if category.id in [above.id for above in words.line(category.parent)]:
        raise DomainError(
            "circular_category", f"parent: {category.parent!r} lies below {category.id!r}; name another one"
        )
    if missing := _unknown(words, category.required_attributes):
        raise DomainError("unknown_attribute", f"required_attributes: there is no {missing[0]!r}; make it first")
    row = {"id": category.id, "parent": category.parent, "body": category.model_dump(mode="json")}
    put(tx, CATEGORIES, row, keys=("id",))
    before = words.categories.get(category.id)
    if before != category:
        mark_all(tx, now)
    return before


def _unknown(words: Dictionary, codes: Iterable[str]) -> list[str]:
    return [code for code in codes if code not in words.attributes]
