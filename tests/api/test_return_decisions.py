"""What may be done with a return now and what it brings about; two people at one return; an exception that holds some up."""

import asyncio

import pytest

from db import connections
from db.intake import take_order
from db.reports import record_report
from db.returns import duties, goods
from db.returns.opening import open_return
from db.returns.rows import change, row_of, tell
from db.returns.standing import settle
from domain.fulfillment import FulfillmentReport
from tests.db import world
from tests.db.test_returns import wish


@pytest.fixture
def rma(hub):
    """A return of two T-shirts that is expected at Berlin."""

    def work(tx):
        world.found(tx)
        world.stock(tx, "TEE", 5)
        placed = world.channel_order(1, TEE=2)
        order_id = take_order(tx, hub.vault, connections.load(tx, "web"), placed, world.NOW, "test").order_id
        for f_id in world.route(tx, order_id):
            report = FulfillmentReport(key="shipped", kind="shipped", reference=f_id, at=world.NOW)
            record_report(tx, report, connection_id="store", source="test", now=world.NOW)
        opened = open_return(tx, order_id, wish(("L1", 2), location_id="berlin"), world.NOW)
        settle(tx, hub.vault, opened, world.NOW)
        return opened

    return hub.database.write_now(work)


async def allowed(client, rma: str) -> dict[str, list[str]]:
    shown = (await client.get(f"/returns/{rma}")).json()["actions"]
    return {
        " ".join([each["action"], *map(str, each["body"].values())]): each["consequences"]
        for each in shown
        if not each["why_not"]
    }


def do(hub, work) -> None:
    def and_settle(tx):
        work(tx)
        settle(tx, hub.vault, "web-1-R1", world.NOW)

    hub.database.write_now(and_settle)


def receive(tx) -> None:
    goods.receive(tx, row_of(tx, "web-1-R1"), "r1", "TEE", 2, "berlin", by="test", now=world.NOW)


async def test_what_may_be_done_follows_the_state_and_the_role(clients, rma, hub):
    waiting = await allowed(clients.operations, rma)
    by_support, by_viewer = await allowed(clients.support, rma), await allowed(clients.viewer, rma)
    why = {each["action"]: each["why_not"] for each in (await clients.support.get(f"/returns/{rma}")).json()["actions"]}
    do(hub, receive)
    settling = await allowed(clients.operations, rma)
    do(hub, lambda tx: duties.settle(tx, f"{rma}:refund:M1", "refused"))
    refused = await allowed(clients.operations, rma)
    do(hub, lambda tx: change(tx, rma, stopped=True))
    stopped = await allowed(clients.operations, rma)

    assert set(waiting) == {"override True", "withdraw"}
    assert waiting["withdraw"] == ["Nothing is expected any more; the units may be announced again."]
    assert (set(by_support), by_viewer) == ({"withdraw"}, {})
    assert (why["approve"], why["retry"]) == ("it needs the role operations", "it needs the role operations")
    assert settling == {}
    assert set(refused) == {"retry redo", "retry skip"}
    assert refused["retry redo"] == ["These are asked for once more: refund."]
    assert "retry continue" in stopped


async def test_what_is_offered_is_what_the_commands_allow(clients, rma, hub):
    """Every action that is refused says so beforehand, and every one that is offered is carried out."""
    offered = set(await allowed(clients.operations, rma))
    reason = {"reason": "a test"}
    answers = {
        "approve": await clients.operations.post(f"/returns/{rma}/approve", json=reason),
        "refuse": await clients.operations.post(f"/returns/{rma}/refuse", json=reason),
        "claw-back": await clients.operations.post(f"/returns/{rma}/claw-back", json=reason | {"reference": "w"}),
        "difference-paid": await clients.operations.post(
            f"/returns/{rma}/difference-paid",
            json={"amount": {"amount_minor": 1, "currency": "EUR"}, "reference": "w"},
        ),
        "withdraw": await clients.operations.post(f"/returns/{rma}/withdraw"),
    }

    assert (
        {name for name, answer in answers.items() if answer.is_success} == {"withdraw"} == offered - {"override True"}
    )
    assert {answers[name].status_code for name in answers if name != "withdraw"} == {409}


async def test_its_run_is_linked(clients, rma):
    link = (await clients.viewer.get(f"/returns/{rma}")).json()["temporal_run"]

    assert link.endswith("/namespaces/default/workflows/return-handling%2Fweb-1-R1")


STALE = {"If-Match": '"0"'}
UNITS = {"key": "1", "item_id": "TEE", "quantity": 1, "location_id": "berlin"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/store/returns/{rma}/receive", UNITS),
        (
            "/store/returns/{rma}/inspect",
            {"key": "1", "line_id": "L1", "item_id": "TEE", "quantity": 1, "grade": "new"},
        ),
        ("/store/returns/{rma}/arrived", UNITS),
        ("/returns/{rma}/approve", {"reason": "x"}),
        ("/returns/{rma}/refuse", {"reason": "x"}),
        ("/returns/{rma}/override", {"reason": "x", "keep": True}),
        ("/returns/{rma}/settle-grades", {"reason": "x"}),
        ("/returns/{rma}/withdraw", None),
        ("/returns/{rma}/retry", {"how": "continue"}),
        ("/returns/{rma}/claw-back", {"reason": "x", "reference": "w"}),
        ("/returns/{rma}/difference-paid", {"amount": {"amount_minor": 1, "currency": "EUR"}, "reference": "w"}),
    ],
    ids=lambda value: value.rsplit("/", 1)[-1] if isinstance(value, str) else "",
)
async def test_who_looked_at_an_older_state_is_told_who_changed_it(clients, rma, path, body):
    answer = await clients.operations.post(path.format(rma=rma), json=body, headers=STALE)

    assert (answer.status_code, answer.json()["code"]) == (412, "changed_meanwhile")
    assert answer.json()["changed_by"]


async def test_the_state_that_was_looked_at_may_be_changed_whatever_the_outside_was_told_meanwhile(clients, rma, hub):
    seen = (await clients.support.get("/store/berlin/returns")).json()[0]["version"]
    hub.database.write_now(lambda tx: _told(tx, rma))
    answer = await clients.support.post(f"/store/returns/{rma}/receive", json=UNITS, headers={"If-Match": f'"{seen}"'})
    second = await clients.support.post(
        f"/store/returns/{rma}/receive", json=UNITS | {"key": "2"}, headers={"If-Match": f'"{seen}"'}
    )

    assert (answer.status_code, second.status_code) == (200, 412)


def _told(tx, rma: str) -> None:
    tell(tx, row_of(tx, rma), "register_done", "done:x", now=world.NOW, by="tutti", wakes=False)


async def test_an_exception_that_holds_returns_up_lets_them_go_on(clients, rma, hub):
    do(hub, receive)
    do(hub, lambda tx: duties.settle(tx, f"{rma}:refund:M1", "refused"))
    (held,) = [
        each for each in (await clients.viewer.get("/exceptions")).json() if each["kind"] == "return_refund_refused"
    ]
    dealt_with = (await clients.operations.post(f"/exceptions/{held['id']}/resolve")).json()["job"]["id"]
    refused = await finished(clients, dealt_with)
    resumed = await clients.operations.post(f"/exceptions/{held['id']}/resume", json={"how": "redo_step"})
    done = await finished(clients, resumed.json()["job"]["id"])
    shown = (await clients.viewer.get(f"/returns/{rma}")).json()

    assert [(item["state"], item["code"]) for item in refused["items"]] == [("refused", "cause_lasts")]
    assert [(item["return_id"], item["state"]) for item in done["items"]] == [(rma, "done")]
    assert [duty["state"] for duty in shown["duties"] if duty["kind"] == "refund"] == [""]


async def finished(clients, job: str):
    while True:
        shown = (await clients.viewer.get(f"/bulk/{job}")).json()
        if shown["finished_at"]:
            return shown
        await asyncio.sleep(0.01)


LINTED = {
    "version": "l",
    "rules": [
        {"name": "base", "values": {"window_days": 14}},
        {"name": "a", "market": "eu", "values": {"window_days": 20}},
        {"name": "b", "market": "eu", "values": {"window_days": 30}},
        {"name": "never", "channel": "web", "is_minimum": True, "values": {"window_days": 7}},
        {"name": "odd", "sku": "TEE", "values": {"final_sale": True, "instant_refund": "approval"}},
    ],
}


async def test_the_lint_tells_gaps_contradictions_and_dead_rules_each_with_an_example_line(clients):
    await clients.operations.put("/return-policies/l", json=LINTED)
    findings = (await clients.viewer.get("/return-policies/l/lint")).json()
    holds = [
        (await clients.viewer.get("/return-policies/effective", params=each["example"] | {"version": "l"})).json()
        for each in findings
    ]

    found = {(each["kind"], *each["rules"]) for each in findings}
    assert {
        ("gap",),
        ("contradiction", "a", "b"),
        ("contradiction", "odd"),
        ("unreachable", "b"),
        ("unreachable", "never"),
    } <= found
    for each, shown in zip(findings, holds, strict=True):  # the example shows what is wrong
        deciders = {why["rule"] for why in shown["why"].values()}
        match each["kind"], each["rules"]:
            case "gap", _:
                assert "" in deciders
            case "unreachable", [dead]:
                assert dead not in deciders
            case "contradiction", ["odd"]:
                assert (shown["terms"]["final_sale"], shown["terms"]["instant_refund"]) == (True, "approval")
            case "contradiction", [first, _second]:
                assert first in deciders
