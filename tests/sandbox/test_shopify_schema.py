"""The simulator's schema says nothing that the official one does not say."""

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

ROOT = Path(__file__).parents[2]
CONTRACTS = Path(os.environ.get("TUTTI_CONTRACTS", ROOT.parent / "shared" / "contracts"))
OFFICIAL = CONTRACTS / "shopify" / "admin_2026-10.graphql.gz"
OURS = ROOT / "sandbox" / "shopify" / "schema.graphql"


@pytest.fixture(scope="module")
def official() -> GraphQLSchema:
    if not OFFICIAL.exists():
        pytest.skip(f"the official schema is not here: {OFFICIAL}")
    with gzip.open(OFFICIAL, "rt", encoding="utf-8") as text:
        return build_schema(text.read(), assume_valid=True)


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    found = []
    mine: Any
    for name, mine in ours.type_map.items():
        if name.startswith("__"):
            continue
        other: Any = theirs.type_map.get(name)
        if other is None or type(other) is not type(mine):
            found.append(f"type {name}")
        elif isinstance(mine, GraphQLEnumType):
            found += [f"{name}.{value}" for value in mine.values if value not in other.values]
        elif isinstance(mine, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            found += _fields(name, mine, other)
    return found


def _fields(name: str, mine: Any, other: Any) -> list[str]:
    found = []
    for key, field in mine.fields.items():
        official = other.fields.get(key)
        if official is None or str(official.type) != str(field.type):
            found.append(f"{name}.{key}: {field.type} is officially {official and official.type}")
            continue
        for argument, kind in getattr(field, "args", {}).items():
            if argument not in official.args or str(official.args[argument].type) != str(kind.type):
                found.append(f"{name}.{key}({argument})")
    return found


def test_every_name_and_type_is_the_official_one(official: GraphQLSchema) -> None:
    ours = build_schema(OURS.read_text(encoding="utf-8"))

    assert differences(ours, official) == []


def test_a_misspelled_field_would_be_found(official: GraphQLSchema) -> None:
    ours = build_schema(OURS.read_text(encoding="utf-8").replace("displayFulfillmentStatus", "displayFullfilment"))

    assert len(differences(ours, official)) == 1
