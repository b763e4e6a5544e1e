"""Orders: found, shown, changed, and their story told."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, event

from db import order_queries
from db.order_queries import OrderFilter
from runtime.wiring import Hub
from tests.api.conftest import NOW, make_order


async def test_is_found_by_number_id_and_the_buyers_address(clients: SimpleNamespace) -> None:
    order = await make_order(clients, reference="PO-7")
    await make_order(clients, "other", buyer={"email": "ben@example.com"})

    for text in ("PO-7", order, "ADA@example.com"):
        found = (await clients.viewer.get("/orders", params={"q": text})).json()
        assert [row["id"] for row in found["orders"]] == [order]


@pytest.mark.parametrize("sort", ["-placed_at", "placed_at", "-total_minor", "total_minor"])
async def test_pages_hold_every_order_once_while_orders_come_in(clients: SimpleNamespace, sort: str) -> None:
    before = [await make_order(clients, f"k{n}", shipping_minor=n % 3) for n in range(7)]
    seen: list[str] = []
    cursor = None

    for turn in range(4):
        page = (
            await clients.viewer.get(
                "/orders", params={"limit": 2, "sort": sort, **({"cursor": cursor} if cursor else {})}
            )
        ).json()
        seen += [row["id"] for row in page["orders"]]
        cursor = page["next"]
        await make_order(clients, f"late{turn}", placed_at="2020-01-01T00:00:00Z", shipping_minor=500)

    assert [order for order in seen if order in before] == sorted(set(before) & set(seen), key=seen.index)
    assert len(set(seen)) == len(seen)


async def test_filters_narrow(clients: SimpleNamespace) -> None:
    order = await make_order(clients, tags=["vip"])
    await make_order(clients, "other", tags=["plain"], lines=[{"sku": "COFFEE", "quantity": 1}])

    for wanted in ({"tag": "vip"}, {"sku": "TEA-1"}):
        found = (await clients.viewer.get("/orders", params=wanted)).json()
        assert [row["id"] for row in found["orders"]] == [order]


async def test_a_cursor_of_another_list_is_refused(clients: SimpleNamespace) -> None:
    await make_order(clients)
    await make_order(clients, "other")
    page = (await clients.viewer.get("/orders", params={"limit": 1})).json()

    answer = await clients.viewer.get("/orders", params={"cursor": page["next"], "sort": "total_minor"})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


async def test_shows_the_person_to_support_only_and_records_who_looked(clients: SimpleNamespace) -> None:
    order = await make_order(clients)
    plain = await clients.viewer.get(f"/orders/{order}")
    refused = await clients.viewer.get(f"/orders/{order}", params={"person": True})

    shown = await clients.support.get(f"/orders/{order}", params={"person": True})

    assert "Ada" not in plain.text
    assert refused.status_code == 403
    assert shown.json()["person"]["buyer"]["email"] == "ada@example.com"
    reads = (await clients.admin.get("/audit", params={"target": order, "limit": 1})).json()
    assert (reads[0]["action"], reads[0]["actor"]) == ("order.read_person", "a support")


async def test_an_action_is_recorded_audited_and_told_in_the_timeline(clients: SimpleNamespace) -> None:
    order = await make_order(clients)

    held = await clients.support.post(f"/orders/{order}/hold", json={"reason": "check"})

    assert held.status_code == 202
    story = (await clients.viewer.get(f"/orders/{order}/timeline")).json()
    assert ("fact", "held", held.json()["seq"]) in [(m["source"], m["kind"], m["seq"]) for m in story]
    assert ("audit", "order.hold") in [(m["source"], m["kind"]) for m in story]


async def test_the_timeline_can_be_read_as_of_a_moment(clients: SimpleNamespace) -> None:
    order = await make_order(clients)

    story = (await clients.viewer.get(f"/orders/{order}/timeline", params={"as_of": NOW.isoformat()})).json()

    assert story == []


async def test_a_preview_changes_nothing(clients: SimpleNamespace) -> None:
    order = await make_order(clients)

    tried = await clients.support.post(f"/orders/{order}/cancel", json={}, params={"preview": True})

    assert tried.status_code == 200
    assert (tried.json()["allowed"], tried.json()["before"]["stage"] != tried.json()["after"]["stage"]) == (True, True)
    assert (await clients.viewer.get(f"/orders/{order}")).json()["cancel_requested_at"] is None


async def test_says_which_actions_are_allowed_and_why_not_the_others(clients: SimpleNamespace) -> None:
    order = await make_order(clients)
    await clients.support.post(f"/orders/{order}/cancel", json={})

    shown = (await clients.support.get(f"/orders/{order}")).json()

    why_not = {action["action"]: action["why_not"] for action in shown["actions"]}
    assert why_not["retry"] == "it needs the role operations"
    assert why_not["cancel"] is not None


@pytest.mark.parametrize("how", ["continue", "redo_step", "restart"])
async def test_a_retry_goes_on_in_a_named_way(how: str, clients: SimpleNamespace) -> None:
    order = await make_order(clients)

    answer = await clients.operations.post(f"/orders/{order}/retry", json={"how": how})

    assert answer.status_code == 202


async def test_a_changed_address_is_read_back_and_absent_from_the_audit_log(clients: SimpleNamespace) -> None:
    order = await make_order(clients)
    address = {"name": "Ada Example", "line1": "9 Other Road", "city": "Hamburg", "country": "DE"}

    await clients.support.post(f"/orders/{order}/address", json=address)

    shown = (await clients.support.get(f"/orders/{order}", params={"person": True})).json()
    assert shown["person"]["ship_to"]["line1"] == "9 Other Road"
    assert "9 Other Road" not in (await clients.admin.get("/audit")).text


async def test_the_tracking_page_needs_its_token_and_holds_no_person(clients: SimpleNamespace, hub: Hub) -> None:
    order = await make_order(clients)
    page = (await clients.viewer.get(f"/orders/{order}")).json()["links"]["tracking_page"]

    html = await clients.nobody.get(page)
    data = await clients.nobody.get(page, headers={"Accept": "application/json"})
    guessed = await clients.nobody.get(f"/t/{order}.{'0' * 32}")

    assert data.json()["parcels"] == []
    assert "Ada" not in html.text
    assert "Nothing has left yet" in html.text
    assert (guessed.status_code, guessed.json()["code"]) == (404, "unknown_page")


async def test_is_found_by_the_buyers_name_however_it_is_written_and_by_what_was_bought(
    clients: SimpleNamespace,
) -> None:
    order = await make_order(clients, buyer={"name": "Zoë  Example-Müller"})
    await make_order(clients, "other", lines=[{"sku": "COFFEE", "quantity": 1, "unit_price_minor": 900}])

    for text in ("zoe example müller", "Example-Muller, Zoë", "TEA-1"):
        found = (await clients.viewer.get("/orders", params={"q": text})).json()
        assert [row["id"] for row in found["orders"]] == [order]
    assert (await clients.viewer.get("/orders", params={"q": "Zoë"})).json()["orders"] == []


async def test_a_search_reads_no_table_from_end_to_end(clients: SimpleNamespace, hub: Hub) -> None:
    await make_order(clients)
    wanted = OrderFilter(q="ada@example.com", email_index="x", name_index="y")
    statements: list[tuple[str, Any]] = []

    def watched(tx: Connection) -> list[str]:
        event.listen(tx, "before_cursor_execute", lambda _c, _u, sql, values, *_: statements.append((sql, values)))
        order_queries.page(tx, wanted)
        sql, values = statements[-1]
        return [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]

    plan = hub.database.read_now(watched)

    assert any("ix_orders_name_index" in step for step in plan)
    assert [step for step in plan if step.startswith(("SCAN orders", "SCAN order_lines"))] == []


async def test_an_order_is_shown_as_the_hub_knew_it_at_an_earlier_instant(clients: SimpleNamespace) -> None:
    order = await make_order(clients)
    before = (await clients.viewer.get(f"/orders/{order}")).json()
    instant = datetime.now(UTC).isoformat()
    await clients.support.post(f"/orders/{order}/hold", json={"reason": "fraud"})

    then = (await clients.viewer.get(f"/orders/{order}", params={"at": instant})).json()
    now = (await clients.viewer.get(f"/orders/{order}")).json()
    later = (await clients.viewer.get(f"/orders/{order}", params={"at": "2100-01-01T00:00:00Z"})).json()
    never = await clients.viewer.get(f"/orders/{order}", params={"at": "2020-01-01T00:00:00Z"})

    shown_alike = before.keys() - {"at", "lost", "actions", "state", "why"}
    assert {name: then[name] for name in shown_alike} == {name: before[name] for name in shown_alike}
    assert (then["actions"], then["at"] is not None, now["holds"]) == ([], True, ["hub:fraud"])
    assert later == now
    assert (never.status_code, never.json()["code"]) == (404, "unknown_order")


async def test_totals_narrow(clients: SimpleNamespace) -> None:
    small = await make_order(clients, "small", shipping_minor=0)
    large = await make_order(clients, "large", shipping_minor=5_000_000)

    found = (await clients.viewer.get("/orders", params={"total_from": 5_000_000})).json()
    assert [row["id"] for row in found["orders"]] == [large]
    found = (await clients.viewer.get("/orders", params={"total_to": 4_999_999})).json()
    assert [row["id"] for row in found["orders"]] == [small]
    found = (await clients.viewer.get("/orders", params={"total_to": 4_999_999, "currency": "XTS"})).json()
    assert found["orders"] == []
