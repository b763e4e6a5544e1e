"""The run of a connection: woken once per burst, at rest in between, over when the flow is off."""

from temporalio.testing import WorkflowEnvironment

from runtime.settings import Settings
from tests.publication.channel import FakeShop
from tests.publication.run import publishing, until


async def test_receipts_and_orders_arrive_at_the_channel(env: WorkflowEnvironment, settings: Settings) -> None:
    shop = FakeShop({("TEE", "B"): 1000})
    async with publishing(env.client, settings, shop) as stack:
        await stack.stock("berlin", TEE=7)
        await until(lambda: shop.shown["TEE", "B"] == 7)

        await stack.place(TEE=2)

        await until(lambda: shop.shown["TEE", "B"] == 5)
