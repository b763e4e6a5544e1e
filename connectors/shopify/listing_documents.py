"""GraphQL documents about many products at once: one field per product under an alias, so that each has its own answer."""

AT_ONCE = 28
"""Products in one read or write; a read of so many stays below the 1,000 points that one query may cost."""
PUBLISHED_AT_ONCE = 50
"""Shopify takes so many in one change of a publication."""
NAMESPACE, KEY = "tutti", "product_id"

SHOP = """
query ListingShop {
  shop { currency: currencyCode }
  publications(first: 50) { nodes { id name } }
}
"""

DEFINE_REFERENCE = """
mutation DefineReference($definition: MetafieldDefinitionInput!) {
  done: metafieldDefinitionCreate(definition: $definition) { errors: userErrors { field code message } }
}
"""

_VARIANTS = """
    variants(first: %d%s) {
      nodes {
        id sku price compare_at: compareAtPrice barcode taxable
        options: selectedOptions { name value }
        item: inventoryItem { countryCodeOfOrigin harmonizedSystemCode measurement { weight { value unit } } }
      }
      page: pageInfo { next: hasNextPage cursor: endCursor }
    }
"""

_LISTING = f"""
    id title handle status vendor tags
    description_html: descriptionHtml
    product_type: productType
    updated_at: updatedAt
    seo {{ title description }}
    category {{ id }}
    reference: metafield(namespace: "{NAMESPACE}", key: "{KEY}") {{ value }}
    metafields(first: 10) {{ nodes {{ namespace key type value }} }}
    media(first: 10) {{ nodes {{ id status errors: mediaErrors {{ code }} ... on MediaImage {{ image {{ url }} }} }} }}
    publications: resourcePublicationsV2(first: 5) {{ nodes {{ publication {{ id }} }} }}
{_VARIANTS % (20, "")}
"""

MORE_VARIANTS = f"""
query MoreVariants($id: ID!, $after: String) {{
  found: node(id: $id) {{ ... on Product {{ {_VARIANTS % (100, ", after: $after")} }} }}
}}
"""

STATES = """
query ListingStates($ids: [ID!]!) { found: nodes(ids: $ids) { ... on Product { id status } } }
"""

STOREFRONT = """
query PublicListings($ids: [ID!]!) {
  found: nodes(ids: $ids) {
    ... on Product {
      id title is_buyable: availableForSale
      images(first: 10) { nodes { url } }
      variants(first: 100) { nodes { sku price { amount currency: currencyCode } } }
    }
  }
}
"""


def find(count: int) -> str:
    """Products by what identifies each; null for one that is not there."""
    return _each(count, "query", "ProductIdentifierInput!", f"productByIdentifier(identifier: $x%d) {{ {_LISTING} }}")


def find_by_sku(count: int) -> str:
    """The product that a SKU is of."""
    return _each(count, "query", "String!", "productVariants(first: 2, query: $x%d) { nodes { sku product { id } } }")


def put(count: int) -> str:
    """Make products, or write all that is given of them; a list is replaced whole."""
    types = "ProductSetIdentifiers!", "ProductSetInput!"
    return _pairs(
        count,
        types,
        "productSet(identifier: $k%d, input: $x%d) { product { id } errors: userErrors { field code message } }",
    )


def update(count: int) -> str:
    """Change fields of products, but neither their pictures nor their variants."""
    return _each(count, "mutation", "ProductUpdateInput!", f"productUpdate(product: $x%d) {_ERRORS}")


def update_variants(count: int) -> str:
    """Change variants of products, by product all or none."""
    types = "ID!", "[ProductVariantsBulkInput!]!"
    return _pairs(count, types, f"productVariantsBulkUpdate(productId: $k%d, variants: $x%d) {_CODED}")


def delete(count: int) -> str:
    return _each(count, "mutation", "ProductDeleteInput!", f"productDelete(input: $x%d) {_ERRORS}")


def change_publications(count: int) -> str:
    """Add products to so many publications or take them away; all products of a publication, or none."""
    return _pairs(count, ("ID!", "PublicationUpdateInput!"), f"publicationUpdate(id: $k%d, input: $x%d) {_CODED}")


def publish_one_by_one(count: int) -> str:
    """For when one product keeps the others out of their publication."""
    return _pairs(count, ("ID!", "[PublicationInput!]!"), f"publishablePublish(id: $k%d, input: $x%d) {_ERRORS}")


_ERRORS = "{ errors: userErrors { field message } }"
_CODED = "{ errors: userErrors { field code message } }"


def _each(count: int, kind: str, type_: str, field: str) -> str:
    names = ", ".join(f"$x{index}: {type_}" for index in range(count))
    fields = "\n".join(f"  p{index}: {field % index}" for index in range(count))
    return f"{kind} EachListing({names}) {{\n{fields}\n}}"


def _pairs(count: int, types: tuple[str, str], field: str) -> str:
    names = ", ".join(f"$k{index}: {types[0]}, $x{index}: {types[1]}" for index in range(count))
    fields = "\n".join(f"  p{index}: {field % (index, index)}" for index in range(count))
    return f"mutation EachListing({names}) {{\n{fields}\n}}"
