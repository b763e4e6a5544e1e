"""People sign in, stay signed in for a while, and are refused alike whatever was wrong."""

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from db.audit import AUDIT
from db.sign_in_tries import PER_ADDRESS, PER_EMAIL
from db.users import USERS
from runtime.wiring import Hub
from tests.api.people import ADA, PASSWORD, Clock, bearer, first_admin, first_code, invited, sign_in


@pytest.fixture
def nobody(clients: SimpleNamespace) -> httpx.AsyncClient:
    client: httpx.AsyncClient = clients.nobody
    return client


@pytest.fixture
def clock(app: FastAPI) -> Clock:
    return Clock(app)


def audited(hub: Hub) -> list[tuple[str, str]]:
    rows = hub.database.read_now(lambda tx: tx.execute(AUDIT.select().order_by(AUDIT.c.id)).all())
    return [(row.action, row.actor) for row in rows if not row.action.startswith("key.")]


async def test_the_first_admin_comes_by_the_link_that_is_printed_and_nobody_else_does(
    nobody: httpx.AsyncClient, hub: Hub
) -> None:
    before = (await nobody.get("/sign-in/options")).json()
    code = first_code(hub)

    session = (await nobody.post("/sign-in/first", json={"code": code, **ADA})).json()
    again = await nobody.post("/sign-in/first", json={"code": code, **ADA, "email": "eve@example.com"})
    late = await nobody.post("/sign-in/first", json={"code": first_code(hub), **ADA, "email": "eve@example.com"})

    me = (await nobody.get("/me", headers=bearer(session))).json()
    assert before == {"password": True, "oidc": None, "first_admin": True}
    assert (me["name"], me["email"], me["role"], me["kind"]) == ("Ada Admin", ADA["email"], "admin", "user")
    assert (again.status_code, again.json()["code"]) == (409, "users_exist")
    assert (late.status_code, late.json()["code"]) == (409, "users_exist")
    assert (await nobody.get("/sign-in/options")).json()["first_admin"] is False


async def test_of_two_first_admins_at_once_one_gets_in(nobody: httpx.AsyncClient, hub: Hub) -> None:
    code = first_code(hub)

    answers = await asyncio.gather(
        *(nobody.post("/sign-in/first", json={"code": code, **ADA, "email": f"a{n}@example.com"}) for n in range(2))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_wrong_password_and_an_unknown_address_are_refused_in_the_same_words(
    nobody: httpx.AsyncClient, hub: Hub
) -> None:
    await first_admin(nobody, hub)

    wrong = await sign_in(nobody, password="not the password")
    unknown = await sign_in(nobody, email="nobody@example.com")

    assert (wrong.status_code, wrong.json()["code"]) == (401, "sign_in_refused")
    assert wrong.json() == unknown.json()
    assert audited(hub)[-2:] == [("sign_in.refused", "nobody")] * 2


async def test_an_unknown_address_costs_a_hash_like_a_known_one(
    nobody: httpx.AsyncClient, app: FastAPI, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await first_admin(nobody, hub)
    verified: list[str] = []
    hasher = app.state.passwords._hasher
    real = hasher.verify_and_update

    def watched(word: str, kept: str) -> Any:
        verified.append(kept)
        return real(word, kept)

    monkeypatch.setattr(hasher, "verify_and_update", watched)

    await sign_in(nobody, password="not the password")
    await sign_in(nobody, email="nobody@example.com")

    assert [kept.rsplit("$", 2)[0] for kept in verified] == [verified[0].rsplit("$", 2)[0]] * 2
    assert verified[0] != verified[1]


async def test_after_too_many_tries_even_the_right_password_waits(
    nobody: httpx.AsyncClient, hub: Hub, clock: Clock
) -> None:
    await first_admin(nobody, hub)
    tries = await asyncio.gather(*(sign_in(nobody, password="guess number x") for _ in range(PER_EMAIL)))

    blocked = await sign_in(nobody)

    clock.turn(minutes=16)
    assert {answer.status_code for answer in tries} == {401}
    assert (blocked.status_code, blocked.json()["code"]) == (429, "too_many_tries")
    assert 0 < int(blocked.headers["retry-after"]) <= 900
    assert (await sign_in(nobody)).status_code == 200


async def test_a_network_address_cannot_try_many_people(nobody: httpx.AsyncClient, hub: Hub, clock: Clock) -> None:
    await first_admin(nobody, hub)
    for n in range(PER_ADDRESS // PER_EMAIL):
        await asyncio.gather(*(sign_in(nobody, email=f"guess{n}@example.com") for _ in range(PER_EMAIL)))

    assert (await sign_in(nobody)).status_code == 429


async def test_what_a_page_asks_by_itself_keeps_no_session_alive(
    nobody: httpx.AsyncClient, hub: Hub, clock: Clock
) -> None:
    session = await first_admin(nobody, hub)
    by_itself = {"X-Tutti-Unattended": "1"}
    clock.turn(minutes=90)
    seen = await nobody.get("/orders", headers=bearer(session) | by_itself)
    clock.turn(minutes=40)

    over = await nobody.get("/me", headers=bearer(session))

    assert (seen.status_code, over.status_code, over.json()["code"]) == (200, 401, "session_expired")


async def test_a_session_ends_when_it_is_not_used_and_after_its_longest_time(
    nobody: httpx.AsyncClient, hub: Hub, clock: Clock
) -> None:
    unused = await first_admin(nobody, hub)
    used = (await sign_in(nobody)).json()
    statuses = []

    for _ in range(13):
        clock.turn(hours=1)
        statuses.append((await nobody.get("/me", headers=bearer(used))).status_code)

    refused = await nobody.get("/me", headers=bearer(unused))
    assert statuses == [200] * 11 + [401] * 2
    assert (refused.status_code, refused.json()["code"]) == (401, "session_expired")


async def test_an_unknown_token_is_told_from_a_session_that_is_over(nobody: httpx.AsyncClient, hub: Hub) -> None:
    session = await first_admin(nobody, hub)
    out = await nobody.post("/me/sign-out", headers=bearer(session))

    over = await nobody.get("/me", headers=bearer(session))
    unknown = await nobody.get("/me", headers={"Authorization": "Bearer tuttis_guess"})

    assert (out.status_code, over.json()["code"]) == (204, "session_expired")
    assert unknown.json()["code"] == "not_authenticated"


async def test_a_link_lets_in_once_and_lets_set_a_password(nobody: httpx.AsyncClient, hub: Hub) -> None:
    admin = await first_admin(nobody, hub)
    made = (
        await nobody.post(
            "/users", json={"name": "Bo", "email": "bo@example.com", "role": "support"}, headers=bearer(admin)
        )
    ).json()
    link = (await nobody.post(f"/users/{made['id']}/sign-in-link", headers=bearer(admin))).json()

    session = (await nobody.post("/sign-in/code", json={"code": link["code"]})).json()
    again = await nobody.post("/sign-in/code", json={"code": link["code"]})
    await nobody.post("/me/password", json={"new": "a long enough one"}, headers=bearer(session))

    assert link["address"].endswith(f"/sign-in?code={link['code']}")
    assert (again.status_code, again.json()["code"]) == (401, "code_spent")
    assert (await sign_in(nobody, "bo@example.com", "a long enough one")).json()["user"]["role"] == "support"


async def test_a_code_that_is_too_old_is_spent(nobody: httpx.AsyncClient, hub: Hub, clock: Clock) -> None:
    admin = await first_admin(nobody, hub)
    link = (await nobody.post(f"/users/{admin['user']['id']}/sign-in-link", headers=bearer(admin))).json()

    clock.turn(hours=25)

    assert (await nobody.post("/sign-in/code", json={"code": link["code"]})).json()["code"] == "code_spent"


async def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(
    nobody: httpx.AsyncClient, hub: Hub
) -> None:
    mine = await first_admin(nobody, hub)
    other = (await sign_in(nobody)).json()
    wrong = await nobody.post(
        "/me/password", json={"current": "guess", "new": "another long one"}, headers=bearer(mine)
    )

    right = await nobody.post(
        "/me/password", json={"current": PASSWORD, "new": "another long one"}, headers=bearer(mine)
    )

    assert (wrong.status_code, wrong.json()["code"], right.status_code) == (422, "wrong_password", 204)
    assert (await nobody.get("/me", headers=bearer(other))).status_code == 401
    assert (await nobody.get("/me", headers=bearer(mine))).status_code == 200
    assert (await sign_in(nobody)).status_code == 401


async def test_another_role_and_being_disabled_hold_at_once(nobody: httpx.AsyncClient, hub: Hub) -> None:
    admin = await first_admin(nobody, hub)
    bo = await invited(nobody, admin, "operations", "bo@example.com")
    address = f"/users/{bo['user']['id']}"
    statuses = [(await nobody.post("/switches/all/start", headers=bearer(bo))).status_code]

    await nobody.patch(address, json={"role": "viewer"}, headers=bearer(admin))
    statuses.append((await nobody.post("/switches/all/start", headers=bearer(bo))).status_code)
    await nobody.patch(address, json={"disabled": True}, headers=bearer(admin))
    statuses.append((await nobody.get("/me", headers=bearer(bo))).status_code)

    link = await nobody.post(f"{address}/sign-in-link", headers=bearer(admin))
    assert statuses == [200, 403, 401]
    assert (link.status_code, link.json()["code"]) == (409, "user_disabled")


@pytest.mark.parametrize("change", [{"role": "support"}, {"disabled": True}])
async def test_the_last_admin_stays(change: dict[str, object], nobody: httpx.AsyncClient, hub: Hub) -> None:
    admin = await first_admin(nobody, hub)

    answer = await nobody.patch(f"/users/{admin['user']['id']}", json=change, headers=bearer(admin))

    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")


async def test_an_address_belongs_to_one_user(nobody: httpx.AsyncClient, hub: Hub) -> None:
    admin = await first_admin(nobody, hub)
    wish = {"name": "Ada again", "email": ADA["email"].upper(), "role": "viewer"}

    answer = await nobody.post("/users", json=wish, headers=bearer(admin))

    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


async def test_views_belong_to_their_user_and_keys_have_none(
    nobody: httpx.AsyncClient, hub: Hub, clients: SimpleNamespace
) -> None:
    admin = await first_admin(nobody, hub)
    bo = await invited(nobody, admin, "viewer", "bo@example.com")
    for query in ({"state": "waiting"}, {"state": "waiting", "q": "ada@example.com"}):
        await nobody.put("/me/views/orders/stuck", json={"query": query}, headers=bearer(bo))

    mine = (await nobody.get("/me/views", params={"page": "orders"}, headers=bearer(bo))).json()
    others = (await nobody.get("/me/views", params={"page": "orders"}, headers=bearer(admin))).json()
    of_a_key = await clients.admin.get("/me/views", params={"page": "orders"})
    await nobody.delete("/me/views/orders/stuck", headers=bearer(bo))

    assert mine == [{"name": "stuck", "query": {"state": "waiting", "q": "ada@example.com"}}]
    assert (others, of_a_key.json()["code"]) == ([], "only_for_users")
    assert (await nobody.get("/me/views", params={"page": "orders"}, headers=bearer(bo))).json() == []


async def test_names_and_addresses_of_users_stand_nowhere_in_the_clear(nobody: httpx.AsyncClient, hub: Hub) -> None:
    admin = await first_admin(nobody, hub)
    await nobody.put("/me/views/orders/mine", json={"query": {"q": "canary@example.com"}}, headers=bearer(admin))
    hub.database.read_now(lambda tx: tx.execute(USERS.select()).one())

    stored = b"".join(path.read_bytes() for path in hub.settings.var.glob("tutti.db*"))

    assert admin["user"]["id"].encode() in stored  # the search does find what is there
    for personal in (b"Ada Admin", ADA["email"].encode(), b"canary@example.com"):
        assert personal not in stored


async def test_a_key_says_who_it_is(clients: SimpleNamespace) -> None:
    me = (await clients.support.get("/me")).json()

    assert (me["name"], me["role"], me["kind"], me["email"], me["expires_at"]) == (
        "a support", "support", "key", None, None,
    )  # fmt: skip


async def test_what_users_do_is_audited_under_their_id(nobody: httpx.AsyncClient, hub: Hub) -> None:
    admin = await first_admin(nobody, hub)
    bo = await invited(nobody, admin, "support", "bo@example.com")
    ada_id, bo_id = admin["user"]["id"], bo["user"]["id"]

    assert audited(hub) == [
        ("user.create", ada_id), ("sign_in", ada_id), ("user.create", ada_id), ("user.link", ada_id), ("sign_in", bo_id),
    ]  # fmt: skip
    assert (await nobody.get("/users/names", headers=bearer(bo))).json() == {ada_id: "Ada Admin", bo_id: "A support"}
