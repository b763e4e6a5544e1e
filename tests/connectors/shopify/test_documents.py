"""Every document that the connector sends is valid in Shopify's official schema."""

import gzip

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate

from connectors.shopify import documents, listing_documents
from sandbox.shopify.bucket import cost_of
from tests.connectors.shopify.contract_files import ROOT, official

MUST_CARRY_A_KEY = ("refundCreate", "inventorySetQuantities", "inventoryAdjustQuantities", "inventoryActivate")
PARTS = {"MONEY", "LINE", "LEVELS", "WORK", "NAMESPACE", "KEY"}
DOCUMENTS = {
    name: text
    for name, text in (vars(documents) | vars(listing_documents)).items()
    if name.isupper() and isinstance(text, str) and name not in PARTS and not name.startswith("_")
} | {
    f"{build.__name__} {count}": build(count)
    for build in (
        listing_documents.find,
        listing_documents.find_by_sku,
        listing_documents.put,
        listing_documents.update,
        listing_documents.update_variants,
        listing_documents.delete,
        listing_documents.change_publications,
        listing_documents.publish_one_by_one,
    )
    for count in (1, listing_documents.AT_ONCE)
}
ADMIN = [name for name in DOCUMENTS if name != "STOREFRONT"]


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    with gzip.open(official("admin_2026-10.graphql.gz"), "rt", encoding="utf-8") as text:
        return build_schema(text.read(), assume_valid=True)


@pytest.mark.parametrize("name", ADMIN)
def test_is_valid_in_the_official_schema(schema: GraphQLSchema, name: str) -> None:
    assert validate(schema, parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", ADMIN)
def test_is_valid_in_the_simulators_schema(name: str) -> None:
    ours = build_schema((ROOT / "sandbox" / "shopify" / "schema.graphql").read_text(encoding="utf-8"))

    assert validate(ours, parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", ADMIN)
def test_carries_an_idempotency_key_where_shopify_requires_one(name: str) -> None:
    text = DOCUMENTS[name]

    assert ("@idempotent" in text) == any(f"{mutation}(" in text for mutation in MUST_CARRY_A_KEY)


@pytest.mark.parametrize("name", ADMIN)
def test_stays_below_what_one_query_may_cost(name: str) -> None:
    operation = next(node for node in parse(DOCUMENTS[name]).definitions if isinstance(node, OperationDefinitionNode))

    assert cost_of(operation) < 1000


def test_what_buyers_see_is_asked_in_the_storefronts_own_words() -> None:
    storefront = build_schema((ROOT / "sandbox" / "shopify" / "storefront.graphql").read_text(encoding="utf-8"))

    assert validate(storefront, parse(DOCUMENTS["STOREFRONT"])) == []
