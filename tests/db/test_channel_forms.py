"""Forms, waivers and pictures on record, and the listing that comes of them."""

from datetime import timedelta

import pytest

from db import catalog, channel_forms, connections, media_files, waivers, words
from db.actors import Actor
from db.audit import AUDIT
from db.catalog import Author
from db.desks.catalog import CatalogDesk, listing
from domain.catalog.findings import Waiver
from domain.catalog.media import MediaFile
from domain.errors import DomainError
from domain.money import Money
from tests.db.world import KEYS, NOW
from tests.domain.catalog.make import FILE, PICTURE, TEE, WORDS, form

GRACE = Actor("grace", "operations")
ADMIN = Actor("root", "admin")


@pytest.fixture
def world(database):
    def make(tx):
        connections.create(tx, KEYS, "web", platform="manual", config={}, name="Web", now=NOW)
        for attribute in WORDS.attributes.values():
            words.put_attribute(tx, attribute, now=NOW)
        for category in WORDS.categories.values():
            words.put_category(tx, category, now=NOW)
        catalog.merge(tx, "tee", TEE, by=Author("ada", "api"), now=NOW)
        media_files.put(tx, [FILE.model_copy(update={"read_at": NOW})])
        channel_forms.add(tx, "web", form(), by="ada", now=NOW)
        channel_forms.activate(tx, "web", "1", now=NOW)

    database.write_now(make)
    return database


def refusal(world, work) -> str:
    with pytest.raises(DomainError) as refused:
        world.write_now(work)
    return refused.value.code


def grant(world, waiver, by=GRACE):
    return world.write_now(lambda tx: waivers.grant(tx, "tee", "web", waiver, reason="agreed", by=by, now=NOW))


def change(world, patch):
    world.write_now(lambda tx: catalog.merge(tx, "tee", patch, by=Author("ada", "api"), now=NOW))


async def test_a_product_in_order_becomes_the_listing_of_its_channel(world):
    answer = await CatalogDesk(world).checked("tee", "web")
    made = listing(answer.filled, quantities={"T-M": {"71001": 5}})

    assert answer.findings == ()
    assert (made.ref.reference, made.ref.skus, made.media) == ("tee", ("T-M", "T-L"), (PICTURE,))
    assert made.fields == {"title": "Harbor tee", "descriptionHtml": TEE["description"]}
    assert made.variants[0].fields == {"barcode": "4006381333931"}
    assert made.variants[0].price == Money(amount_minor=1999, currency="EUR")
    assert made.variants[0].quantities == {"71001": 5}


async def test_what_people_own_is_written_once(world):
    change(world, {"overrides": {"web": {"title": {"owner": "person"}, "media": {"owner": "channel"}}}})
    answer = await CatalogDesk(world).checked("tee", "web")

    assert (listing(answer.filled).fields["title"], listing(answer.filled).media) == ("Harbor tee", None)
    assert "title" not in listing(answer.filled, is_new=False).fields


async def test_a_channel_has_its_own_pictures(world):
    own = "https://images.example.com/own.png"
    change(world, {"overrides": {"web": {"media": {"value": [own]}}}})
    answer = await CatalogDesk(world).checked("tee", "web")

    assert answer.filled.media == (own,)
    assert await CatalogDesk(world).unread_media(["tee"]) == [own]


async def test_a_picture_that_did_not_answer_is_read_again_and_one_that_was_wrong_is_not(world):
    desk = CatalogDesk(world)
    unread = []
    for problem in ("unreachable", "not_an_image"):
        await desk.keep_media([MediaFile(url=PICTURE, problem=problem, read_at=NOW)])
        unread.append(await desk.unread_media(["tee"]))

    assert unread == [[PICTURE], []]


def test_a_version_of_a_form_never_changes(world):
    again = world.write_now(lambda tx: channel_forms.add(tx, "web", form(), by="ada", now=NOW))

    assert again is False
    assert (
        refusal(world, lambda tx: channel_forms.add(tx, "web", form(gtin="required"), by="ada", now=NOW))
        == "version_taken"
    )


def test_one_form_of_a_connection_is_in_force(world):
    world.write_now(lambda tx: channel_forms.add(tx, "web", form(version="2", gtin="required"), by="ada", now=NOW))
    before = world.write_now(lambda tx: channel_forms.activate(tx, "web", "2", now=NOW))

    assert (before, world.read_now(lambda tx: channel_forms.active(tx, "web")).gtin) == ("1", "required")
    assert world.read_now(channel_forms.with_forms) == ["web"]


def test_a_connection_without_a_form_says_what_to_do(world):
    assert refusal(world, lambda tx: channel_forms.active(tx, "other")) == "unknown_form"


async def test_a_waiver_names_its_approver_and_is_on_the_audit_log(world):
    change(world, {"attributes": {"material": None}})
    stopped = await CatalogDesk(world).checked("tee", "web")
    number = grant(world, Waiver(gate="attribute", approver=""))
    passed = await CatalogDesk(world).checked("tee", "web")
    world.write_now(lambda tx: waivers.revoke(tx, number, by=GRACE, now=NOW))
    stopped_again = await CatalogDesk(world).checked("tee", "web")

    assert [stopped.passes, passed.passes, stopped_again.passes] == [False, True, False]
    assert {finding.waived_by for finding in passed.findings} == {"grace"}
    assert world.read_now(lambda tx: tx.execute(AUDIT.select()).all())[-2].action == "waiver.grant"


@pytest.mark.parametrize(
    ("waiver", "by", "code"),
    [
        (Waiver(gate="price", approver=""), ADMIN, "not_waivable"),
        (Waiver(gate="compliance", approver=""), GRACE, "role_too_low"),
        (Waiver(gate="attribute", approver=""), Actor("eve", "support"), "role_too_low"),
        (Waiver(gate="attribute", approver="", until=NOW - timedelta(days=1)), GRACE, "bad_request"),
    ],
)
def test_a_waiver_needs_the_role_of_its_gate(world, waiver, by, code):
    assert refusal(world, lambda tx: waivers.grant(tx, "tee", "web", waiver, reason="no", by=by, now=NOW)) == code
