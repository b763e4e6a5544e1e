"""A shop's staff at work: the task list, its steps, the papers."""

import pytest

from db import connections
from db.intake import take_order
from db.items import ITEMS
from db.order_reading import FULFILLMENT_ORDERS
from db.tasks import Tasks
from tests.db import world


@pytest.fixture
def task(hub):
    """A published parcel of 2 T-shirts and a mug."""

    def work(tx):
        world.found(tx)
        world.stock(tx, "TEE", 5)
        world.stock(tx, "MUG", 5)
        order = world.channel_order(1, TEE=2, MUG=1)
        order_id = take_order(tx, hub.vault, connections.load(tx, "web"), order, world.NOW, "test").order_id
        reference = world.route(tx, order_id)[0]
        tx.execute(FULFILLMENT_ORDERS.update().values(sent_at=world.NOW, state="sent"))
        return reference

    return hub.database.write_now(work)


async def post(clients, task: str, step: str, body=None):
    return await clients.support.post(f"/store/tasks/{task}/{step}", json=body)


async def test_the_task_list_says_what_to_do_and_names_nobody(clients, task):
    answer = await clients.support.get("/store/berlin/tasks")
    shown = answer.json()[0]

    assert (shown["fulfillment_order_id"], shown["heading"], shown["allowed"]) == (
        task,
        "to_accept",
        ["accept", "reject"],
    )
    assert [(line["title"], line["quantity"]) for line in shown["lines"]] == [("T-shirt", 2), ("Mug", 1)]
    assert "Ada" not in answer.text


async def test_a_parcel_goes_from_accepted_to_shipped_in_two_parts(clients, task):
    part = {"carrier": "DHL", "tracking_number": "T1", "lines": [{"line_id": "L1", "quantity": 2}]}
    rest = {"carrier": "DHL", "tracking_number": "T2"}
    answers = [
        await post(clients, task, "accept"),
        await post(clients, task, "accept"),
        await post(clients, task, "pick"),
        await post(clients, task, "ship", part),
        await post(clients, task, "ship", part),
        await post(clients, task, "ship", rest),
    ]

    assert [answer.status_code for answer in answers] == [200] * 6
    assert [answer.json()["state"] for answer in answers] == [
        "accepted",
        "accepted",
        "picked",
        "picked",
        "picked",
        "shipped",
    ]
    assert answers[2].json()["allowed"] == ["ship", "reject"]
    assert (await clients.support.get("/store/berlin/tasks")).json() == []


async def test_a_step_out_of_order_says_what_is_allowed(clients, task):
    answer = await post(clients, task, "collect")

    assert (answer.status_code, answer.json()["code"]) == (409, "step_out_of_order")
    assert "now: accept, reject" in answer.json()["detail"]


async def test_a_reason_that_is_no_code_is_refused(clients, task):
    answer = await post(clients, task, "reject", {"reason": "Ada does not want it"})

    assert answer.status_code == 422


async def test_a_parcel_with_a_line_that_is_not_there_is_refused(clients, task):
    await post(clients, task, "accept")
    await post(clients, task, "pick")
    wrong = {"carrier": "DHL", "tracking_number": "T1", "lines": [{"line_id": "L9", "quantity": 1}]}
    answer = await post(clients, task, "ship", wrong)

    assert (answer.status_code, "no line 'L9'" in answer.json()["detail"]) == (422, True)


async def test_what_is_asked_back_is_answered(clients, task, hub):
    await post(clients, task, "accept")
    await post(clients, task, "pick")
    asked = await Tasks(hub.database).withdraw(task)
    hub.database.write_now(lambda tx: tx.execute(FULFILLMENT_ORDERS.update().values(recall="asked")))
    shown = (await clients.support.get("/store/berlin/tasks")).json()[0]
    answer = await post(clients, task, "cancel-answer", {"answer": "confirm"})

    assert asked == "asked"
    assert (shown["heading"], shown["allowed"]) == ("asked_back", ["answer_recall", "ship"])
    assert answer.json()["state"] == "canceled"


async def test_the_packing_slip_names_the_buyer_and_the_pick_list_does_not(clients, task):
    slip = await clients.support.get(f"/fulfillment-orders/{task}/packing-slip")
    picks = await clients.support.get(f"/fulfillment-orders/{task}/pick-list")

    assert slip.headers["content-type"].startswith("text/html")
    assert "Ada Example" in slip.text
    assert "10115 Berlin" in slip.text
    assert "T-shirt" in picks.text
    assert "Ada" not in picks.text


async def test_a_title_cannot_become_markup(clients, task, hub):
    hub.database.write_now(lambda tx: tx.execute(ITEMS.update().values(title="<script>alert(1)</script>")))
    page = await clients.support.get(f"/fulfillment-orders/{task}/pick-list")

    assert "<script>alert" not in page.text


@pytest.mark.parametrize("path", ["/store/nowhere/tasks", "/fulfillment-orders/nothing/pick-list"])
async def test_what_is_not_there_is_not_found(clients, path):
    answer = await clients.support.get(path)

    assert answer.status_code == 404


async def test_viewers_do_not_see_a_shop_s_tasks(clients, task):
    assert (await clients.viewer.get("/store/berlin/tasks")).status_code == 403
