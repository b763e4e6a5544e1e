"""Products in the database: their items, their history, and what is refused."""

import pytest

from db import catalog, items, words
from db.catalog import Author
from db.items_by_sku import items_by_sku
from domain.catalog.dictionary import Attribute, Category
from domain.changes import Change
from domain.errors import DomainError
from tests.db.world import NOW, channel_order, found, take

ADA = Author("ada", "api")
TEE = {
    "title": "Tee",
    "category": "tees",
    "attributes": {"material": "cotton", "weight": {"value": 0.2, "unit": "kg"}},
    "options": [{"name": "Size", "values": ["M", "L"]}],
    "variants": {
        "T-M": {"options": {"Size": "M"}, "gtin": "4006381333931", "prices": {"EUR": {"amount_minor": 1999}}},
        "T-L": {"options": {"Size": "L"}},
    },
}


@pytest.fixture
def world(database):
    def make(tx):
        words.put_attribute(tx, Attribute(code="material", label="Material"), now=NOW)
        words.put_attribute(tx, Attribute(code="weight", label="Weight", type="measure", unit="g"), now=NOW)
        words.put_category(tx, Category(id="tees", name="T-shirts", required_attributes=("material",)), now=NOW)

    database.write_now(make)
    return database


def merge(world, product_id, patch, by=ADA):
    return world.write_now(lambda tx: catalog.merge(tx, product_id, patch, by=by, now=NOW))


def refusal(world, product_id, patch) -> tuple[str, str]:
    with pytest.raises(DomainError) as refused:
        merge(world, product_id, patch)
    return refused.value.code, str(refused.value)


def test_a_product_is_made_once_and_then_the_same(world):
    first, again = merge(world, "tee", TEE), merge(world, "tee", TEE)

    assert (first.outcome, first.version, again.outcome, again.version) == ("created", 1, "same", 1)
    assert world.read_now(lambda tx: catalog.load(tx, "tee")) == first.product


def test_every_variant_gets_an_item_known_by_its_sku(world):
    merge(world, "tee", TEE)

    assert world.read_now(lambda tx: items_by_sku(tx, "", {"T-M", "T-L"})) == {"T-M": "T-M", "T-L": "T-L"}
    assert world.read_now(lambda tx: items.load(tx, "T-M")).weight_g == 200


def test_a_variant_takes_the_item_that_its_sku_means_already(database):
    database.write_now(found)
    saved = merge(database, "shirt", {"title": "Shirt", "variants": {"TEE": {}}})

    assert saved.product.variant("TEE").item_id == "TEE"


def test_orders_that_wait_for_a_sku_go_on_when_its_product_comes(database):
    database.write_now(found)
    database.write_now(lambda tx: take(tx, channel_order(1, NEW=1)))
    merge(database, "new", {"title": "New", "variants": {"NEW": {}}})

    assert database.read_now(lambda tx: items_by_sku(tx, "web", {"NEW"})) == {"NEW": "NEW"}


def test_the_history_says_who_changed_which_field_from_which_side(world):
    merge(world, "tee", TEE)
    saved = merge(
        world, "tee", {"variants": {"T-M": {"prices": {"EUR": {"amount_minor": 1799}}}}}, Author("shop", "channel:web")
    )
    rows = world.read_now(lambda tx: catalog.history(tx, "tee"))

    assert saved.changes == (Change(field="variants.T-M.prices.EUR.amount_minor", before=1999, after=1799),)
    assert [(row.field, row.actor, row.side) for row in rows] == [
        ("variants.T-M.prices.EUR.amount_minor", "shop", "channel:web"),
        ("", "ada", "api"),
    ]
    assert [row.id for row in world.read_now(lambda tx: catalog.history(tx, "tee", field="variants.T-M"))] == [
        rows[0].id
    ]


def test_a_variant_that_is_taken_out_leaves_its_item(world):
    merge(world, "tee", TEE)
    saved = merge(world, "tee", {"options": [{"name": "Size", "values": ["M"]}], "variants": {"T-L": None}})

    assert [variant.sku for variant in saved.product.variants] == ["T-M"]
    assert world.read_now(lambda tx: items_by_sku(tx, "", {"T-L"})) == {"T-L": "T-L"}


def test_a_sku_belongs_to_one_product(world):
    merge(world, "tee", TEE)

    assert refusal(world, "other", {"title": "Other", "variants": {"T-M": {}}})[0] == "sku_taken"


def test_bundles_of_bundles_become_items_that_are_one_level_deep(world):
    merge(world, "tee", TEE)
    merge(world, "set", {"title": "Set", "variants": {"SET": {"components": {"T-M": 2, "T-L": 1}}}})
    merge(world, "box", {"title": "Box", "variants": {"BOX": {"components": {"SET": 2}}}})
    merge(world, "set", {"variants": {"SET": {"components": {"T-L": 3}}}})

    parts = world.read_now(lambda tx: items.load(tx, "BOX")).components
    assert [(part.item_id, part.quantity) for part in parts] == [("T-L", 6), ("T-M", 4)]


def test_what_becomes_a_bundle_changes_the_bundles_that_it_is_part_of(world):
    merge(world, "tee", TEE)
    merge(world, "card", {"title": "Card", "variants": {"CARD": {}}})
    merge(world, "box", {"title": "Box", "variants": {"BOX": {"components": {"CARD": 2}}}})
    merge(world, "card", {"variants": {"CARD": {"components": {"T-M": 1}}}})

    assert [part.item_id for part in world.read_now(lambda tx: items.load(tx, "BOX")).components] == ["T-M"]


@pytest.mark.parametrize(
    ("product_id", "patch", "told"),
    [
        ("set", {"variants": {"SET": {"components": {"BOX": 1}}}}, "SET → BOX → SET"),
        ("box", {"variants": {"BOX": {"components": {"NOWHERE": 1}}}}, "components.NOWHERE: no variant and no item"),
        ("odd", {"title": "Odd", "variants": {"a b": {}}}, "variants.a b.item_id"),
        ("odd", {"title": "Odd", "category": "hats"}, "category: there is no category 'hats'"),
    ],
)
def test_a_refusal_names_the_field_and_changes_nothing(world, product_id, patch, told):
    merge(world, "tee", TEE)
    merge(world, "set", {"title": "Set", "variants": {"SET": {"components": {"T-M": 1}}}})
    merge(world, "box", {"title": "Box", "variants": {"BOX": {"components": {"SET": 1}}}})
    before = world.read_now(lambda tx: catalog.find(tx, product_id))

    assert told in refusal(world, product_id, patch)[1]
    assert world.read_now(lambda tx: catalog.find(tx, product_id)) == before


def test_products_are_found_by_a_part_of_their_names_and_in_pages(world):
    merge(world, "tee", TEE)
    merge(world, "mug", {"title": "Mug", "state": "ready", "variants": {"M-1": {}}})

    def ids(**which):
        return [product.id for product in world.read_now(lambda tx: catalog.page(tx, **which))]

    assert [ids(search="t-l"), ids(search="400638"), ids(state="ready"), ids(category="tees")] == [
        ["tee"], ["tee"], ["mug"], ["tee"],
    ]  # fmt: skip
    assert [ids(limit=1), ids(after="mug")] == [["mug"], ["tee"]]
    assert world.read_now(lambda tx: catalog.id_of(tx, "M-1")) == "mug"


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (
            lambda tx: words.put_category(tx, Category(id="tops", name="Tops", parent="nowhere"), now=NOW),
            "unknown_category",
        ),
        (
            lambda tx: words.put_category(tx, Category(id="tees", name="Tees", parent="tees"), now=NOW),
            "circular_category",
        ),
        (
            lambda tx: words.put_attribute(tx, Attribute(code="material", label="M", type="number"), now=NOW),
            "type_fixed",
        ),
        (
            lambda tx: words.put_category(tx, Category(id="x", name="X", required_attributes=("y",)), now=NOW),
            "unknown_attribute",
        ),
    ],
)
def test_the_words_stay_whole(world, work, code):
    with pytest.raises(DomainError) as refused:
        world.write_now(work)

    assert refused.value.code == code
