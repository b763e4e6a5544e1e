"""`tutti.yaml` into the database."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from db import connections, items, ledger, sourcing_rules
from db.actors import Actor
from db.migrate import upgrade
from db.session import Database
from domain.availability.rules import Policy
from domain.errors import DomainError
from runtime.apply import Apply, Preview, preview
from runtime.installation import read
from runtime.parts import PROJECT
from tests.db.world import KEYS, NOW, channel_order, route, take

ADMIN = Actor(name="ada", role="admin", origin="test")
SECRETS = {
    "SHOPIFY_EU_TOKEN": "shpat_1", "SHOPIFY_EU_SECRET": "hush-1", "SHOPIFY_EU_URL": "http://sandbox/shopify/eu",
    "SHOPIFY_US_TOKEN": "shpat_2", "SHOPIFY_US_SECRET": "hush-2", "SHOPIFY_US_URL": "http://sandbox/shopify/us",
    "SHIPBOB_URL": "http://sandbox/shipbob", "SHIPBOB_TOKEN": "token", "SHIPBOB_WEBHOOK_SECRET": "whsec_MDEyMw==",
    "AMAZON_URL": "http://sandbox/amazon", "AMAZON_LOGIN_URL": "http://sandbox/amazon/auth/o2/token",
    "AMAZON_CLIENT_SECRET": "secret", "AMAZON_REFRESH_TOKEN": "grant", "AMAZON_QUEUE_URL": "http://sandbox/amazon/queue",
    "AMAZON_QUEUE_SECRET": "key",
    "SHIPENGINE_URL": "http://sandbox/shipengine", "SHIPENGINE_TOKEN": "TEST_1", "SHIPENGINE_SIGNING_KEYS": '{"keys": []}',
    "WOO_URL": "http://127.0.0.1/woocommerce/outlet", "WOO_KEY": "ck_1", "WOO_SECRET": "cs_1", "WOO_WEBHOOK_SECRET": "hush-3",
    "SQUARE_URL": "http://sandbox/square", "SQUARE_TOKEN": "token", "SQUARE_SIGNATURE_KEY": "key",
    "SQUARE_NOTIFICATION_URL": "http://hub/webhooks/till",
    "STRIPE_URL": "http://sandbox/stripe", "STRIPE_TOKEN": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1",
}  # fmt: skip


@pytest.fixture
def database(tmp_path, monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    upgrade(f"sqlite:///{tmp_path}/tutti.db")
    database = Database(f"sqlite:///{tmp_path}/tutti.db")
    yield database
    database.close()


@pytest.fixture
def example():
    return read(PROJECT / "tutti.yaml")


def run(database, file):
    return database.write_now(lambda tx: Apply(tx, KEYS, by=ADMIN, now=NOW).run(file))


def outcomes(entries) -> set[str]:
    return {entry.outcome for entry in entries}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tutti.yaml"
    path.write_text(text)
    return path


def test_the_example_is_applied_whole_and_then_changes_nothing(database, example):
    first, again = run(database, example), run(database, example)

    assert [entry for entry in first if entry.outcome != "created"] == []
    assert outcomes(again) == {"same"}
    assert database.read_now(ledger.verify) == ()


def test_an_order_for_lamps_and_white_shirts_is_split_in_the_example(database, example):
    run(database, example)

    def work(tx):
        connections.create(tx, KEYS, "web", platform="shopify", config={}, now=NOW)
        connections.change(tx, "web", mode="on")
        return route(tx, take(tx, channel_order(1, **{"LAMP-01": 1, "TEE-WHT-L": 1})))

    assert len(database.write_now(work)) == 2


def test_a_preview_tells_the_same_and_does_nothing(database, example):
    with pytest.raises(Preview) as shown:
        database.write_now(lambda tx: preview(tx, KEYS, example, by=ADMIN, now=NOW))

    assert outcomes(shown.value.entries) == {"created"}
    assert database.read_now(connections.every) == []


def test_a_changed_secret_is_named_and_not_shown(database, example, monkeypatch):
    run(database, example)
    monkeypatch.setenv("SHOPIFY_EU_TOKEN", "shpat_new")
    changed = [entry for entry in run(database, example) if entry.outcome != "same"]

    assert [(entry.id, [change.field for change in entry.changes]) for entry in changed] == [
        ("shopify-eu", ["config.access_token"])
    ]
    assert "shpat" not in str(changed)


def test_a_missing_secret_refuses_one_connection_and_what_needs_it(database, example, monkeypatch):
    monkeypatch.delenv("SHIPBOB_TOKEN")
    refused = {entry.id: entry.text for entry in run(database, example) if entry.outcome == "refused"}

    assert refused["shipbob"] == "config.token: the environment has no SHIPBOB_TOKEN; set it"
    assert "add it first" in refused["BER"]
    assert "store-berlin" not in refused


def test_changed_rules_need_a_new_version(database, example):
    run(database, example)
    rules = example.sourcing_rules.model_copy(update={"weight_step_g": 500})
    refused = [e for e in run(database, example.model_copy(update={"sourcing_rules": rules})) if e.outcome == "refused"]

    assert [entry.kind for entry in refused] == ["sourcing_rules"]
    assert "choose a new version" in refused[0].text


def test_a_file_without_rules_gets_plain_ones_and_keeps_what_is_in_force(database, example):
    bare = example.model_copy(update={"sourcing_rules": None})
    first, again = run(database, bare), run(database, bare)
    run(database, example)
    run(database, bare)

    assert [(e.id, e.outcome) for e in first if e.kind == "sourcing_rules"] == [("plain", "created")]
    assert [e for e in again if e.kind == "sourcing_rules"] == []
    assert database.read_now(sourcing_rules.active_version) == example.sourcing_rules.version


def test_opening_stock_is_booked_once_even_if_its_figure_is_changed_later(database, example):
    run(database, example)
    before = database.read_now(lambda tx: tx.execute(select(func.sum(ledger.LEVELS.c.on_hand))).scalar())
    run(database, example.model_copy(update={"stock": {"BER": {"TEE-BLK-M": 999}}}))

    assert database.read_now(lambda tx: tx.execute(select(func.sum(ledger.LEVELS.c.on_hand))).scalar()) == before


def test_an_item_known_by_another_sku_keeps_it(database, example):
    run(database, example)

    assert [alias.sku for alias in database.read_now(lambda tx: items.aliases(tx, ["TEE-WHT-L"]))["TEE-WHT-L"]] == [
        "TEE-WHITE-LARGE",
        "TEE-WHT-L",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("items: {TEE: {title: Tee, colour: red}}", "items.TEE.colour: there is no such key; remove it"),
        ("items: {TEE: {}}", "items.TEE.title: Field required"),
        ("locations: {X: {name: X, kind: shed, connection: c, profile: {country: DE}}}", "locations.X.kind: Input"),
        ("stok: {}", "stok: there is no such key"),
        ("items: [", "is not YAML"),
    ],
)
def test_a_file_that_is_wrong_names_the_field_and_the_remedy(tmp_path, text, says):
    with pytest.raises(DomainError) as refused:
        read(written(tmp_path, text))

    assert says in str(refused.value)


def test_a_flow_of_a_connection_that_is_on_goes_through_shadow(database, example):
    without = {name: entry.model_copy(update={"flows": {}}) for name, entry in example.connections.items()}
    run(database, example.model_copy(update={"connections": without}))
    database.write_now(lambda tx: connections.change(tx, "till", mode="on"))

    first = {entry.id: entry for entry in run(database, example) if entry.kind == "flow"}
    then = {entry.id: entry for entry in run(database, example) if entry.kind == "flow"}

    assert "shadow first" in first["till inventory"].text
    assert first["woo-outlet inventory"].text == ""
    assert [change.after for change in then["till inventory"].changes] == ["on"]


def test_a_bare_on_is_on(tmp_path):
    text = "connections: {web: {platform: shopify, flows: {inventory: on}}, till: {platform: square, flows: {inventory: off}}}"

    file = read(written(tmp_path, text))

    assert [entry.flows["inventory"].mode for entry in file.connections.values()] == ["on", "off"]


def test_other_rules_under_a_known_version_are_refused(database, example):
    run(database, example)
    changed = example.allocation_rules.model_copy(update={"everything": Policy(keep_in_store=3)})

    (refused,) = (
        e for e in run(database, example.model_copy(update={"allocation_rules": changed})) if e.outcome == "refused"
    )

    assert "version" in refused.text
