"""The buyer's own page: what may come back and why not, a return started, its label, its state; for nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from api.rates import Rates
from api.routes import return_page
from api.tracking import RETURNS, token_of
from connectors.contract import Label
from db import connections
from db.intake import take_order
from db.order_reading import ORDERS, SHIPMENTS
from db.reports import record_report
from db.returns import duties, policies, requests
from db.returns.rows import row_of
from db.returns.standing import settle
from domain.fulfillment import FulfillmentReport
from domain.money import Money
from domain.returns.policy import PolicyRule, PolicyValues, ReturnPolicy
from tests.db import world

DOCUMENT = "https://labels.example.com/ada-example.pdf"


@pytest.fixture(autouse=True)
def _fresh_rates(monkeypatch):
    """What other tests have called counts for none of these."""
    monkeypatch.setattr(return_page, "_CALLS", Rates(per_second=1, burst=30))


@pytest.fixture
def order(hub):
    """Three T-shirts and a mug that left today; mugs are sold for good."""

    def work(tx):
        world.found(tx)
        world.stock(tx, "TEE", 5)
        world.stock(tx, "MUG", 5)
        connections.create(tx, world.KEYS, "post", platform="shipengine", config={}, now=world.NOW)
        rules = (
            PolicyRule(name="all", values=PolicyValues(window_days=30)),
            PolicyRule(name="mugs", sku="MUG", values=PolicyValues(final_sale=True)),
        )
        made = ReturnPolicy(version="t", rules=rules, carrier_connection="post", returns_location="berlin")
        policies.add(tx, made, by="test", now=world.NOW)
        policies.activate(tx, "t")
        placed = world.channel_order(1, TEE=3, MUG=1)
        order_id = take_order(tx, hub.vault, connections.load(tx, "web"), placed, world.NOW, "test").order_id
        for f_id in world.route(tx, order_id):
            report = FulfillmentReport(key="shipped", kind="shipped", reference=f_id, at=datetime.now(UTC))
            record_report(tx, report, connection_id="store", source="test", now=datetime.now(UTC))
        return order_id

    return hub.database.write_now(work)


@pytest.fixture
async def page(clients, order) -> str:
    return str((await clients.support.get(f"/orders/{order}/return-page")).json()["path"])


def wish(line="L1", quantity=1, **more):
    return {"lines": [{"line_id": line, "quantity": quantity, "reason": "too_big"}], "method": "label", **more}


def bought(hub, rma: str) -> None:
    """As the process keeps a label that the carrier sold."""
    cost = Money(amount_minor=490, currency="EUR")
    label = Label(external_id="l1", carrier="dhl", tracking_number="T-1", document_url=DOCUMENT, cost=cost)

    def work(tx):
        duty = duties.find(tx, f"{rma}:label")
        requests.keep_label(tx, hub.vault, row_of(tx, rma), duty, label)
        duties.settle(tx, duty.id, "done")
        settle(tx, hub.vault, rma, datetime.now(UTC))

    hub.database.write_now(work)


async def test_from_what_may_come_back_to_the_label_and_the_state(clients, page, hub):
    lines = {line["line_id"]: line for line in (await clients.nobody.get(page)).json()["lines"]}
    started = await clients.nobody.post(page, json=wish(quantity=2))
    rma = started.json()["return_id"]
    (fresh,) = (await clients.nobody.get(page)).json()["returns"]
    bought(hub, rma)
    shown = (await clients.nobody.get(page)).json()
    label = await clients.nobody.get(shown["returns"][0]["label"])

    assert (lines["L1"]["eligible"], lines["L1"]["refusals"]) == (3, [])
    assert lines["L2"]["eligible"] == 0
    assert "sold for good" in lines["L2"]["refusals"][0]
    assert (started.status_code, fresh["label"], fresh["parcels"]) == (201, None, [])
    assert [line["eligible"] for line in shown["lines"]] == [1, 0]
    assert shown["returns"][0]["state"] == "awaiting_goods"
    assert shown["returns"][0]["parcels"] == [{"carrier": "dhl", "tracking_number": "T-1", "status": ""}]
    assert (label.status_code, label.headers["location"]) == (303, DOCUMENT)
    assert (await clients.viewer.get("/returns")).json()[0]["opened_by"] == "buyer"


async def test_the_page_says_nothing_about_the_person(clients, page, hub):
    rma = (await clients.nobody.post(page, json=wish())).json()["return_id"]
    bought(hub, rma)
    shown = (await clients.nobody.get(page)).text

    assert [word for word in ("Ada", "ada1@", "Test Street", "10115", DOCUMENT) if word in shown] == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (wish(quantity=4), "3 shipped"),
        (wish("L2"), "sold for good"),
        (wish("L9"), "no line L9"),
        (wish(method="keep"), "method"),
        (wish(override="please"), "override"),
        (wish() | {"lines": []}, "lines"),
    ],
    ids=["too many", "final sale", "no such line", "keeps it", "overrides", "nothing"],
)
async def test_what_the_policy_refuses_is_refused_with_its_reason(clients, page, body, words):
    answer = await clients.nobody.post(page, json=body)

    assert answer.status_code == 422
    assert words in answer.text
    assert (await clients.nobody.get(page)).json()["returns"] == []


async def test_after_the_window_the_page_says_so_and_starts_nothing(clients, page, hub):
    long_ago = datetime.now(UTC) - timedelta(days=40)
    hub.database.write_now(lambda tx: tx.execute(SHIPMENTS.update().values(shipped_at=long_ago)))
    shown = (await clients.nobody.get(page)).json()
    answer = await clients.nobody.post(page, json=wish())

    assert "window of 30 days closed" in shown["lines"][0]["refusals"][0]
    assert (answer.status_code, answer.json()["code"]) == (422, "not_returnable")


async def test_only_the_address_itself_opens_it(clients, page, order, hub):
    rma = (await clients.nobody.post(page, json=wish())).json()["return_id"]
    bought(hub, rma)
    other = f"/r/{token_of(hub.vault.cipher, 'web-2', RETURNS)}"
    tracking = f"/r/{token_of(hub.vault.cipher, order)}"
    wrong = [page[:-1] + ("0" if page[-1] != "0" else "1"), f"/r/{order}", "/r/x", other, tracking]
    looks = [(await clients.nobody.get(path)).status_code for path in wrong]
    starts = [(await clients.nobody.post(path, json=wish())).status_code for path in wrong]
    labels = [(await clients.nobody.get(f"{path}/labels/{rma}")).status_code for path in wrong]
    strange = await clients.nobody.get(f"{page}/labels/web-2-R1")

    assert {*looks, *starts, *labels, strange.status_code} == {404}


async def test_of_somebody_who_was_forgotten_nothing_can_be_had(clients, page, order, hub):
    rma = (await clients.nobody.post(page, json=wish())).json()["return_id"]
    bought(hub, rma)

    def forget(tx):
        subject = tx.execute(ORDERS.select().where(ORDERS.c.id == order)).one().subject_id
        hub.vault.destroy(tx, subject, datetime.now(UTC))

    hub.database.write_now(forget)
    label = await clients.nobody.get(f"{page}/labels/{rma}")

    assert (label.status_code, label.json()["code"]) == (409, "person_erased")


async def test_whoever_asks_too_often_waits(clients, page):
    answers = [await clients.nobody.get(page) for _ in range(40)]
    refused = [answer for answer in answers if answer.status_code == 429]

    assert refused
    assert refused[0].json()["code"] == "too_many_requests"
    assert int(refused[0].headers["retry-after"]) >= 1


async def test_staff_fetch_the_label_and_that_is_on_record(clients, page, hub):
    rma = (await clients.nobody.post(page, json=wish())).json()["return_id"]
    early = await clients.support.get(f"/returns/{rma}/label")
    bought(hub, rma)
    label = await clients.support.get(f"/returns/{rma}/label")
    viewer = await clients.viewer.get(f"/returns/{rma}/label")
    actions = [row["action"] for row in (await clients.admin.get("/audit", params={"target": rma})).json()]

    assert (early.status_code, early.json()["code"]) == (404, "unknown_label")
    assert (label.status_code, label.headers["location"], viewer.status_code) == (303, DOCUMENT, 403)
    assert "return.read_label" in actions
