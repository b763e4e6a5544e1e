"""People sign in at the company's provider: a real one on this machine, honest first, then lying in every way."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import OctKey, RSAKey

from api.app import create_app
from db import users
from db.actors import Actor, Role
from runtime.settings import SettingError, Settings
from runtime.wiring import Hub
from tests.api.openid_provider import CLIENT, SECRET, OpenIdProvider, running

CONSOLE = "https://console.example.com"
BO = {"sub": "u1", "email": "bo@example.com", "email_verified": True, "name": "Bo Example", "groups": ["ops", "all"]}
INSTALLER = Actor(name="installer", role="admin", origin="test")


@pytest.fixture(scope="module")
def running_provider() -> Iterator[OpenIdProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(running_provider: OpenIdProvider) -> OpenIdProvider:
    running_provider.person, running_provider.lies, running_provider.in_userinfo = dict(BO), {}, set()
    running_provider.key, running_provider.algorithm = running_provider.published, "RS256"
    return running_provider


@pytest.fixture
def settings(settings: Settings, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PROVIDER_SECRET", SECRET)
    told: dict[str, Any] = {
        "oidc_issuer": provider.address, "oidc_client_id": CLIENT, "oidc_client_secret": "env:PROVIDER_SECRET",
        "oidc_roles": ("ops=operations", "admins=admin"), "public_url": "https://hub.example.com",
        "console_url": CONSOLE,
    }  # fmt: skip
    return settings.model_copy(update=told)


@pytest_asyncio.fixture
async def browser(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    """Keeps cookies, follows nothing by itself."""
    app = create_app(hub)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://hub.example.com") as client:
        yield client
    await app.state.provider.close()
    await app.state.runner.close()
    await app.state.importer.close()


async def to_the_provider_and_back(browser: httpx.AsyncClient, **query: str) -> httpx.Response:
    """What the browser does when somebody presses the button; the last answer sends it to the console."""
    away = await browser.get("/sign-in/oidc", params=query)
    async with httpx.AsyncClient() as outside:
        back = await outside.get(away.headers["location"])
    return await browser.get(back.headers["location"])


def told(answer: httpx.Response) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def user_of(browser: httpx.AsyncClient, answer: httpx.Response) -> dict[str, Any]:
    """Who the code of the answer signs in."""
    session = await browser.post("/sign-in/code", json={"code": told(answer)["code"]})
    user: dict[str, Any] = session.json()["user"]
    return user


def make_user(hub: Hub, email: str, role: Role) -> str:
    return hub.database.write_now(
        lambda tx: users.create(
            tx, hub.vault, name="Bo", email=email, role=role, by=INSTALLER, now=datetime.now(UTC)
        )
    )  # fmt: skip


async def test_a_person_comes_back_signed_in_with_the_role_of_their_group(browser: httpx.AsyncClient) -> None:
    answer = await to_the_provider_and_back(browser, return_to=f"{CONSOLE}/sign-in?next=%2Forders")

    user = await user_of(browser, answer)
    assert answer.headers["location"].startswith(f"{CONSOLE}/sign-in?next=%2Forders&code=once_")
    assert (user["name"], user["email"], user["role"]) == ("Bo Example", "bo@example.com", "operations")
    assert (await browser.get("/sign-in/options")).json()["oidc"] == {"name": "your company's account"}


async def test_they_are_the_same_user_next_time_under_another_address_and_role(
    browser: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    first = await user_of(browser, await to_the_provider_and_back(browser))
    provider.person = {**BO, "email": "bo.married@example.com", "groups": "admins"}

    second = await user_of(browser, await to_the_provider_and_back(browser))

    assert (second["id"], second["role"]) == (first["id"], "admin")


async def test_what_the_id_token_lacks_is_asked_at_the_userinfo_endpoint(
    browser: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    provider.in_userinfo = {"email", "email_verified", "groups"}

    user = await user_of(browser, await to_the_provider_and_back(browser))

    assert (user["email"], user["role"]) == ("bo@example.com", "operations")


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "of another sign-in"},
        {"aud": "another-client"},
        {"iss": "https://another.example.com"},
        {"exp": 1},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"at_hash": "b2YgYW5vdGhlciB0b2tlbg"},
    ],
    ids="+".join,
)
async def test_a_token_that_is_not_for_us_now_lets_nobody_in(
    lies: dict[str, Any], browser: httpx.AsyncClient, provider: OpenIdProvider, hub: Hub
) -> None:
    provider.lies = lies

    answer = await to_the_provider_and_back(browser)

    assert told(answer) == {"error": "provider_refused"}
    assert not hub.database.read_now(users.is_anyone)


@pytest.mark.parametrize("forged", ["another key", "a secret that both know", "no signature"])
async def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    forged: str, browser: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    if forged == "another key":
        provider.key = RSAKey.generate_key(2048, {"kid": "k1"})
    else:
        provider.key = OctKey.import_key(SECRET + SECRET)
        provider.algorithm = "HS256" if forged == "a secret that both know" else "none"

    assert told(await to_the_provider_and_back(browser)) == {"error": "provider_refused"}


async def test_a_key_that_the_provider_changed_is_fetched_again(
    browser: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    first = await to_the_provider_and_back(browser)
    provider.published = provider.key = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"})
    provider.algorithm = "RS256"

    second = await to_the_provider_and_back(browser)

    assert ["code" in told(answer) for answer in (first, second)] == [True, True]


async def test_another_browser_or_a_guessed_state_brings_nothing(browser: httpx.AsyncClient) -> None:
    away = await browser.get("/sign-in/oidc")
    async with httpx.AsyncClient() as outside:
        back = (await outside.get(away.headers["location"])).headers["location"]
    guessed = await browser.get(back.replace("state=", "state=x"))
    browser.cookies.clear()

    without_cookie = await browser.get(back)

    assert [told(answer) for answer in (guessed, without_cookie)] == [{"error": "sign_in_lost"}] * 2


async def test_a_provider_that_is_away_is_said_so(
    browser: httpx.AsyncClient, hub: Hub, provider: OpenIdProvider
) -> None:
    hub.settings = hub.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    app = create_app(hub)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://hub.example.com") as client:
        answer = await client.get("/sign-in/oidc")
    await app.state.provider.close()

    assert told(answer) == {"error": "provider_unreachable"}


@pytest.mark.parametrize(
    "return_to",
    [
        "https://evil.example.com/sign-in",
        "//evil.example.com",
        f"{CONSOLE}.evil.example.com/",
        f"{CONSOLE}@evil.example.com",
    ],
)
async def test_the_code_goes_to_the_console_and_nowhere_else(return_to: str, browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/sign-in/oidc", params={"return_to": return_to})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")


async def test_the_cookie_is_for_this_sign_in_only(browser: httpx.AsyncClient) -> None:
    cookie = (await browser.get("/sign-in/oidc")).headers["set-cookie"]

    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/sign-in/oidc", "Max-Age=600"):
        assert word in cookie


async def test_a_user_who_was_made_here_is_found_by_a_verified_address(browser: httpx.AsyncClient, hub: Hub) -> None:
    made = make_user(hub, "BO@example.com", "viewer")

    user = await user_of(browser, await to_the_provider_and_back(browser))

    assert (user["id"], user["role"]) == (made, "operations")


NOT_ADMITTED: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "an address that nobody verified is somebody's": ({"email_verified": False}, {}, "bo@example.com"),
    "nothing is said of the address, which is somebody's": ({"email_verified": None}, {}, "bo@example.com"),
    "no group that has a role": ({"groups": ["all"]}, {}, None),
    "another domain": ({}, {"oidc_domains": ("corp.example.com",)}, None),
    "the right domain, not verified": ({"email_verified": False}, {"oidc_domains": ("example.com",)}, None),
    "no address": ({"email": None}, {}, None),
}


@pytest.mark.parametrize("case", NOT_ADMITTED)
async def test_who_is_not_let_in(case: str, browser: httpx.AsyncClient, provider: OpenIdProvider, hub: Hub) -> None:
    person, rules, known = NOT_ADMITTED[case]
    provider.person = {name: value for name, value in {**BO, **person}.items() if value is not None}
    hub.settings = hub.settings.model_copy(update=rules)
    if known:
        make_user(hub, known, "admin")

    answer = await to_the_provider_and_back(browser)

    assert told(answer) == {"error": "not_admitted"}


async def test_a_disabled_user_stays_out(browser: httpx.AsyncClient, hub: Hub) -> None:
    user = await user_of(browser, await to_the_provider_and_back(browser))
    hub.database.write_now(
        lambda tx: users.change(
            tx, hub.vault, user["id"], users.Changed(disabled=True), by=INSTALLER, now=datetime.now(UTC)
        )
    )

    assert told(await to_the_provider_and_back(browser)) == {"error": "not_admitted"}


async def test_without_a_mapping_an_admin_gives_the_role(browser: httpx.AsyncClient, hub: Hub) -> None:
    hub.settings = hub.settings.model_copy(update={"oidc_roles": (), "oidc_default_role": "viewer"})
    first = await user_of(browser, await to_the_provider_and_back(browser))
    hub.database.write_now(
        lambda tx: users.change(
            tx, hub.vault, first["id"], users.Changed(role="support"), by=INSTALLER, now=datetime.now(UTC)
        )
    )

    second = await user_of(browser, await to_the_provider_and_back(browser))

    assert (first["role"], second["role"]) == ("viewer", "support")


async def test_where_no_provider_is_set_there_is_none(clients: SimpleNamespace, app: Any) -> None:
    app.state.provider = None

    assert (await clients.nobody.get("/sign-in/oidc")).json()["code"] == "no_provider"


@pytest.mark.parametrize("wrong", [{"oidc_issuer": "http://id.example.com"}, {"oidc_roles": "ops=chief"}])
def test_a_setting_that_cannot_be_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingError):
        Settings(**wrong)
