"""An edit of the master arrives at every channel that shows the product, and is confirmed by reading it back."""

from temporalio.testing import WorkflowEnvironment

from runtime.settings import Settings
from tests.content.run import keeping_shop


async def test_an_edit_arrives_at_a_listing_that_a_launch_brought_live(
    env: WorkflowEnvironment, settings: Settings
) -> None:
    async with keeping_shop(env.client, settings) as keeper:
        product = await keeper.stack.product()
        await keeper.stack.outcome(await keeper.stack.launch([product], channels=("alpha",)))
        await keeper.switch_on("alpha")
        await keeper.until_calm(("alpha", product))

        await keeper.edit(
            product, title="Lamp, brighter", variants={f"{product}-1": {"prices": {"USD": {"amount_minor": 4500}}}}
        )
        await keeper.until_calm(("alpha", product))

        shown = (await keeper.stack.shop("alpha"))[product]
        row = await keeper.row("alpha", product)
    assert shown["title"] == "Lamp, brighter"
    assert shown["variants"][f"{product}-1"]["price"] == "45.00"
    assert row.changed_at is None
    assert row.confirmed["title"] == "Lamp, brighter"
