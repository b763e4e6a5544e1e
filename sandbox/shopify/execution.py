"""Executes documents: parsed and validated once per text, then only run."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from sandbox.shopify.bucket import cost_of
from sandbox.shopify.mutations import MUTATIONS
from sandbox.shopify.queries import QUERIES


def _schema() -> GraphQLSchema:
    schema = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))
    for kind, resolvers in ((schema.query_type, QUERIES), (schema.mutation_type, MUTATIONS)):
        assert kind
        for name, resolve in resolvers.items():
            kind.fields[name].resolve = resolve
    return schema


SCHEMA = _schema()


@dataclass(frozen=True)
class Prepared:
    """A document ready to run; `operation` is its first root field, the name that fault plans use."""

    document: DocumentNode
    operation: str
    is_mutation: bool
    cost: int


@lru_cache(maxsize=512)
def prepare(text: str) -> Prepared | tuple[GraphQLError, ...]:
    try:
        document = parse(text)
    except GraphQLError as error:
        return (error,)
    if errors := validate(SCHEMA, document):
        return tuple(errors)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    first = operation.selection_set.selections[0]
    name = first.name.value if isinstance(first, FieldNode) else "query"
    return Prepared(document, name, operation.operation == OperationType.MUTATION, cost_of(operation))


def run(prepared: Prepared, variables: dict[str, Any] | None, context: Any) -> ExecutionResult:
    result = execute_sync(SCHEMA, prepared.document, context_value=context, variable_values=variables)
    assert isinstance(result, ExecutionResult)
    return result


def as_json(result: ExecutionResult, cost: dict[str, object]) -> bytes:
    answer: dict[str, Any] = {"data": result.data, "extensions": {"cost": cost}}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    return json.dumps(answer).encode()
