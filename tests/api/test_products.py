"""Products over the API: made, changed, checked against a channel, waived, imported."""

import csv
import io
import json
from typing import Any

import httpx
import pytest
from PIL import Image

from db import channel_forms, words
from tests.db.world import NOW
from tests.domain.catalog.make import PICTURE, TEE, WORDS, form


@pytest.fixture(autouse=True)
def merchant(hub, shop):
    def make(tx):
        for attribute in WORDS.attributes.values():
            words.put_attribute(tx, attribute, now=NOW)
        for category in WORDS.categories.values():
            words.put_category(tx, category, now=NOW)
        channel_forms.add(tx, shop, form(), by="ada", now=NOW)
        channel_forms.activate(tx, shop, "1", now=NOW)

    hub.database.write_now(make)
    hub.transport = httpx.MockTransport(_picture)


def _picture(request: httpx.Request) -> httpx.Response:
    if request.url.path.endswith("missing.png"):
        return httpx.Response(404)
    file = io.BytesIO()
    Image.new("RGB", (800, 1000)).save(file, "PNG")
    return httpx.Response(200, content=file.getvalue())


def body(**patch: Any) -> dict[str, Any]:
    return {name: value for name, value in (TEE | patch).items() if name != "id"}


async def put(clients, **patch):
    return await clients.operations.put("/products/tee", json=body(**patch))


async def test_a_product_is_made_shown_and_found(clients):
    made = await put(clients)
    shown = (await clients.viewer.get("/products/tee")).json()
    found = (await clients.viewer.get("/products", params={"search": "t-m"})).json()

    assert (made.status_code, made.json()["outcome"]) == (200, "created")
    assert (shown["version"], shown["product"]["variants"]["T-M"]["gtin"]) == (1, "4006381333931")
    assert found == {
        "products": [
            {"id": "tee", "title": "Harbor tee", "state": "ready", "category": "tees", "skus": ["T-M", "T-L"]}
        ],
        "next": None,
    }


async def test_what_is_shown_can_be_sent_back(clients):
    await put(clients)
    shown = (await clients.viewer.get("/products/tee")).json()["product"]
    again = await clients.operations.put("/products/tee", json=shown)

    assert again.json()["outcome"] == "same"


async def test_a_change_is_on_the_history_with_its_author(clients):
    await put(clients)
    await clients.operations.patch("/products/tee", json={"title": "Pier tee"})
    rows = (await clients.viewer.get("/products/tee/history", params={"field": "title"})).json()

    assert [(row["before"], row["after"], row["actor"], row["side"]) for row in rows] == [
        ("Harbor tee", "Pier tee", "a operations", "api")
    ]
    audited = (await clients.admin.get("/audit", params={"target": "tee"})).json()
    assert [(row["action"], row["actor"]) for row in audited] == [
        ("product.change", "a operations"), ("product.put", "a operations"),
    ]  # fmt: skip
    assert audited[0]["after"] == {"outcome": "changed", "fields": ["title"]}


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"variants": {"T-M": {"gtin": "4006381333932"}}}, "variants.T-M.gtin"),
        ({"category": "hats"}, "category"),
        ({"state": "gone"}, "state"),
    ],
)
async def test_bad_input_is_refused_with_its_field(clients, patch, field):
    answer = await put(clients, **patch)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_product")
    assert field in answer.json()["detail"]


async def test_the_check_shows_each_field_where_it_came_from_and_what_is_missing(clients, shop):
    await put(clients, media=[{"url": PICTURE}, {"url": "https://images.example.com/missing.png"}], title="x" * 50)
    await clients.operations.post("/products/tee/media/read")
    answer = (await clients.viewer.get("/products/tee/check", params={"channel": shop})).json()
    by_sku = (await clients.viewer.get("/products/T-M/check", params={"channel": shop})).json()
    title = next(field for field in answer["fields"] if field["field"] == "title")

    assert by_sku == answer
    assert answer["passes"] is False
    assert (title["source"], title["findings"]) == ("title", ["it has 50 characters, and the channel takes 40"])
    assert {(one["gate"], one["field"]) for one in answer["findings"]} == {
        ("length", "title"),
        ("media_file", "media.1"),
    }
    assert answer["prices"][0] == {
        "sku": "T-M", "price": {"amount_minor": 1999, "currency": "EUR"}, "compare_at": {"amount_minor": 2499, "currency": "EUR"},
    }  # fmt: skip


async def test_a_waiver_needs_the_role_and_names_the_approver(clients, shop):
    await put(clients, attributes={})
    wish = {"channel": shop, "gate": "attribute", "reason": "the label is at the printer's"}
    too_low = await clients.support.post("/products/tee/waivers", json=wish)
    granted = await clients.operations.post("/products/tee/waivers", json=wish)
    compliance = await clients.operations.post("/products/tee/waivers", json=wish | {"gate": "compliance"})
    logged = (await clients.admin.get("/audit", params={"target": "tee"})).json()

    assert [too_low.status_code, granted.status_code, compliance.status_code] == [403, 201, 403]
    assert granted.json()["approver"] == "a operations"
    assert "waiver.grant" in str(logged)


async def test_a_waiver_is_taken_back_once_and_for_all(clients, shop):
    await put(clients)
    wish = {"channel": shop, "gate": "attribute", "reason": "agreed"}
    number = (await clients.operations.post("/products/tee/waivers", json=wish)).json()["id"]
    gone = await clients.operations.delete(f"/products/tee/waivers/{number}")
    left = (await clients.viewer.get("/products/tee/waivers")).json()

    assert gone.status_code == 204
    assert left[0]["revoked_at"] is not None


async def test_words_are_made_and_listed(clients):
    await clients.operations.put("/attributes/color", json={"label": "Color"})
    await clients.operations.put("/categories/hats", json={"name": "Hats", "required_attributes": ["color"]})
    attributes = (await clients.viewer.get("/attributes")).json()
    wrong = await clients.operations.put("/attributes/size", json={"label": "Size", "type": "choice"})

    assert "color" in {one["code"] for one in attributes}
    assert "hats" in {one["id"] for one in (await clients.viewer.get("/categories")).json()}
    assert wrong.status_code == 422


async def test_a_form_is_stored_and_then_put_in_force(clients, shop):
    second = {"version": "2", "currencies": ["EUR"], "fields": {"title": {"from": "title"}}}
    stored = await clients.operations.put(f"/connections/{shop}/forms/2", json=second)
    await clients.operations.post(f"/connections/{shop}/forms/2/activate")
    versions = (await clients.viewer.get(f"/connections/{shop}/forms")).json()
    shown = (await clients.viewer.get(f"/connections/{shop}/forms/2")).json()
    told = (await clients.viewer.get(f"/connections/{shop}/forms/2/diff", params={"against": "1"})).json()

    assert stored.json() == {"version": "2", "is_new": True}
    assert {one["field"].partition(".")[2].partition(".")[0] for one in told if one["field"].startswith("fields.")} >= {
        "title", "descriptionHtml",
    }  # fmt: skip
    assert {one["version"]: one["active"] for one in versions} == {"1": False, "2": True}
    assert shown["fields"] == [{"to": "title", "from": ["title"]}]


async def test_an_import_tells_its_progress_and_each_row(clients, app):
    job = (await clients.operations.post("/product-imports", json={"name": "new.jsonl"})).json()["id"]
    rows = [body() | {"id": "tee"}, {"id": "mug", "title": "Mug", "category": "hats"}, {"title": "No id"}]
    await clients.operations.post(f"/product-imports/{job}/rows", json={"first": 1, "rows": rows})
    await clients.operations.post(f"/product-imports/{job}/start")
    await app.state.importer.idle()
    shown = (await clients.viewer.get(f"/product-imports/{job}")).json()
    refused = (await clients.viewer.get(f"/product-imports/{job}/rows", params={"state": "refused"})).json()

    assert shown["finished_at"] is not None
    assert shown["counts"] == {"created": 1, "refused": 2}
    assert [(row["line"], row["detail"].partition(":")[0]) for row in refused] == [(2, "category"), (3, "id")]


async def test_an_export_is_what_an_import_takes(clients):
    await put(clients)
    answer = await clients.viewer.get("/product-export")
    (line,) = answer.text.splitlines()
    again = await clients.operations.put("/products/tee", json=json.loads(line))

    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert again.json()["outcome"] == "same"


async def test_a_table_comes_in_and_goes_out_as_csv(clients, app):
    """Sent in two parts, each with the header; one row cannot be read."""
    head = "product,state,title,category,sku,option:Size,price:EUR,attribute:material\r\n"
    parts = {2: "cap,ready,Cap,tees,C-S,S,19.99,cotton\r\n", 3: 'cap,,,,C-M,M,"19,99",\r\ncap,,,,C-L,L,21.00,\r\n'}
    job = (await clients.operations.post("/product-imports", json={"name": "new.csv"})).json()["id"]
    for first, rows in parts.items():
        sent = await clients.operations.post(
            f"/product-imports/{job}/table", params={"first": first}, content=head + rows,
            headers={"Content-Type": "text/csv"},
        )  # fmt: skip
        assert sent.status_code == 200
    await clients.operations.post(f"/product-imports/{job}/start")
    await app.state.importer.idle()
    rows = (await clients.viewer.get(f"/product-imports/{job}/rows")).json()

    answer = await clients.viewer.get("/product-export", params={"format": "csv"})
    again = [row for row in csv.DictReader(io.StringIO(answer.text)) if row["product"] == "cap"]

    assert [(row["line"], row["state"]) for row in rows] == [(2, "created"), (3, "refused"), (4, "created")]
    assert rows[1]["detail"].startswith("price:EUR")
    assert answer.headers["content-type"].startswith("text/csv")
    assert [(row["sku"], row["option:Size"], row["price:EUR"]) for row in again] == [
        ("C-S", "S", "19.99"), ("C-L", "L", "21.00"),
    ]  # fmt: skip


async def test_a_table_with_columns_that_mean_nothing_is_refused(clients):
    job = (await clients.operations.post("/product-imports", json={"name": "new.csv"})).json()["id"]

    answer = await clients.operations.post(
        f"/product-imports/{job}/table", content="product,colour\ncap,red\n", headers={"Content-Type": "text/csv"}
    )

    assert answer.status_code == 422
    assert "colour" in answer.json()["detail"]


async def test_the_second_who_changes_a_product_is_told_who_did_before(clients):
    first = (await put(clients)).json()
    seen = {"If-Match": f'"{first["version"]}"'}
    changed = await clients.operations.patch("/products/tee", json={"title": "Mine"}, headers=seen)

    patched = await clients.admin.patch("/products/tee", json={"title": "Theirs"}, headers=seen)
    replaced = await clients.admin.put("/products/tee", json=body(title="Theirs"), headers=seen)

    told = patched.json()
    assert (changed.status_code, patched.status_code, replaced.status_code) == (200, 412, 412)
    assert (told["code"], told["changed_by"], told["what"]) == ("changed_meanwhile", "a operations", "product: title")
    assert (await clients.viewer.get("/products/tee")).json()["product"]["title"] == "Mine"
