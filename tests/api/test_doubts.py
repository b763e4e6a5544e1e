"""A person says what became of a write that nobody could find out about."""

from types import SimpleNamespace
from typing import Any

import pytest

from db.order_reading import EFFECTS
from runtime.wiring import Hub
from tests.api.conftest import NOW, make_order


async def in_doubt(clients: SimpleNamespace, hub: Hub, kind: str) -> tuple[str, str]:
    """An order, and the key of a write of it that is in doubt."""
    order = await make_order(clients)
    key = f"{kind}:{order}"
    row = {
        "key": key, "kind": kind, "connection_id": "shop", "order_id": order, "return_id": None, "state": "in_doubt",
        "attempts": 3, "intended_at": NOW, "called_at": NOW, "error_code": "outcome_unknown",
    }  # fmt: skip
    hub.database.write_now(lambda tx: tx.execute(EFFECTS.insert().values(row)))
    return order, key


async def effect(clients: SimpleNamespace, order: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await clients.viewer.get(f"/orders/{order}")).json()["effects"][0]
    return shown


async def test_what_happened_counts_as_done_with_the_name_of_who_said_so(clients: SimpleNamespace, hub: Hub) -> None:
    order, key = await in_doubt(clients, hub, "cancel")

    said = await clients.operations.post(f"/orders/{order}/settle", json={"key": key, "happened": True})

    assert said.status_code == 202
    settled = await effect(clients, order)
    assert (settled["state"], settled["proof"]["said_by"]) == ("confirmed", "a operations")
    told = (await clients.viewer.get(f"/orders/{order}/timeline")).json()
    assert {"doubt_settled", "order.settle"} <= {moment["kind"] for moment in told}
    again = await clients.operations.post(f"/orders/{order}/settle", json={"key": key, "happened": False})
    assert again.json()["code"] == "not_in_doubt"


async def test_what_did_not_happen_is_done_again_without_a_look_up(clients: SimpleNamespace, hub: Hub) -> None:
    order, key = await in_doubt(clients, hub, "tracking")

    await clients.operations.post(f"/orders/{order}/settle", json={"key": key, "happened": False})

    settled = await effect(clients, order)
    assert (settled["state"], settled["attempts"]) == ("intent", 0)


@pytest.mark.parametrize(("kind", "code"), [("capture", "needs_proof"), ("send", "no_reference")])
async def test_a_word_is_not_enough_for_money_or_without_the_platforms_name(
    clients: SimpleNamespace, hub: Hub, kind: str, code: str
) -> None:
    order, key = await in_doubt(clients, hub, kind)

    answer = await clients.operations.post(f"/orders/{order}/settle", json={"key": key, "happened": True})

    assert (answer.status_code // 100, answer.json()["code"]) == (4, code)
    assert (await effect(clients, order))["state"] == "in_doubt"


async def test_support_may_not_say_it(clients: SimpleNamespace, hub: Hub) -> None:
    order, key = await in_doubt(clients, hub, "cancel")

    answer = await clients.support.post(f"/orders/{order}/settle", json={"key": key, "happened": True})

    assert answer.status_code == 403
