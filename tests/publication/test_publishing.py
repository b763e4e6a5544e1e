"""A number goes from the ledger to the channel: exactly the affected listings, latest value, proven."""

from tests.publication.channel import FakeShop
from tests.publication.merchant import Merchant


async def test_a_receipt_arrives_at_the_channel(merchant: Merchant) -> None:
    shop = FakeShop({("TEE", "D"): 1000, ("MUG", "D"): 1000})
    merchant.stock("TEE", 7)
    merchant.stock("MUG", 2)
    await merchant.open(shop)

    calls = await merchant.push(shop)

    assert shop.shown == {("TEE", "D"): 7, ("MUG", "D"): 2}
    assert calls == 1
    row = merchant.row("TEE")
    assert (row.expected, row.published, row.confirmed, row.state) == (7, 7, 7, "settled")


async def test_a_movement_marks_exactly_the_listings_that_it_affects(merchant: Merchant) -> None:
    shop = FakeShop({(item, place): 0 for item in ("TEE", "MUG", "SET") for place in ("B", "D")})
    merchant.stock("TEE", 4)
    merchant.stock("MUG", 7)
    await merchant.open(shop)
    await merchant.push(shop)
    shop.calls.clear()

    merchant.stock("MUG", 1)
    await merchant.push(shop)

    assert [(s.item_external_id, s.location_external_id, s.quantity) for call in shop.calls for s in call] == [
        ("MUG", "D", 8),
        ("SET", "D", 4),
    ]


async def test_many_changes_are_one_push_of_the_latest_value(merchant: Merchant) -> None:
    shop = FakeShop({("TEE", "D"): 0})
    merchant.stock("TEE", 1)
    await merchant.open(shop)
    await merchant.push(shop)

    for _ in range(20):
        merchant.stock("TEE", 1)
    await merchant.push(shop)

    assert shop.shown[("TEE", "D")] == 21
    assert shop.writes[("TEE", "D")] == 2


async def test_the_same_number_again_is_an_effect_of_its_own(merchant: Merchant) -> None:
    """5, 7 and 5 again are three states and three keys."""
    shop = FakeShop({("TEE", "D"): 0})
    merchant.stock("TEE", 5)
    await merchant.open(shop)
    await merchant.push(shop)
    for change in (2, -2):
        merchant.stock("TEE", change)
        await merchant.push(shop)

    assert len(set(shop.keys)) == 3
    assert merchant.row("TEE").version == 3
