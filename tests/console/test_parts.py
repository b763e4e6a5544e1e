"""What the console does without a browser: words, amounts, files, sessions, problems, one poll for many."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from console.api import UNATTENDED, Api
from console.may import may
from console.pages.sign_in import _inside
from console.parts import live as following
from console.parts.csv import as_csv
from console.parts.live import Feed, Watcher
from console.parts.money import in_minor, in_units, money, sums
from console.parts.status import status_cell, tone_of
from console.parts.table import Column
from console.parts.time import seconds
from console.problems import BrokenError, ChangedMeanwhileError, RefusedError, SignedOutError, UnreachableError
from console.reach import Reach
from console.rules.lines import line_of
from console.session import Person, Session, Tickets


class Hub:
    """An API that answers what it is told to."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def api_to(hub: Hub, session: Session | None = None) -> Api:
    http = httpx.AsyncClient(base_url="http://hub", transport=httpx.MockTransport(hub))
    return Api(http, Reach(http), session or Session("token"))


def problem(status: int, code: str, **more: Any) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "title": "x", "status": status, "detail": "do this", **more})


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert money(123456, "USD") == "$1,234.56"
    assert money(1234, "JPY") == "¥1,234"
    assert (in_units(1234, "JPY"), in_units(1234, "EUR")) == (1234, 12.34)
    assert (in_minor("12,30", "EUR"), in_minor("12", "JPY")) == (1230, 12)
    assert sums([]) == "—"
    assert sums([{"amount_minor": 5, "currency": "USD"}, {"amount_minor": 7, "currency": "EUR"}]) == "$0.05 + €0.07"


def test_durations_are_said_in_their_two_largest_units() -> None:
    assert [seconds(0), seconds(61), seconds(90_061)] == ["0 s", "1 min 1 s", "1 d 1 h"]


def test_a_state_has_a_word_an_icon_and_a_tone() -> None:
    assert status_cell("in_doubt") == {"text": "In doubt", "tone": "warn", "icon": "warning"}
    assert tone_of("never heard of") == "idle"


def test_a_file_for_a_spreadsheet_runs_no_formula() -> None:
    columns = (Column("name", "Name"), Column("state", "State", "status"), Column("units", "Units", "number"))
    rows = [{"name": "=HYPERLINK(1)", "state": {"text": "On"}, "units": -3}]

    assert as_csv(columns, rows).splitlines() == ["Name,State,Units", "'=HYPERLINK(1),On,-3"]


def test_a_higher_role_may_what_a_lower_one_may() -> None:
    person = Person.of({"id": 7, "name": "Ada", "email": None, "role": "support"})

    assert [may(person, role) for role in ("viewer", "support", "operations", "admin")] == [True, True, False, False]


@pytest.mark.parametrize(
    "elsewhere", ["https://example.com/", "//example.com", "/\\example.com", "javascript:alert(1)"]
)
def test_sign_in_leads_nowhere_else(elsewhere: str) -> None:
    assert _inside(elsewhere) == "/"
    assert _inside("/orders?q=1") == "/orders?q=1"


def test_a_ticket_gives_its_token_once() -> None:
    tickets = Tickets()
    ticket = tickets.issue("token")

    assert [tickets.redeem(ticket), tickets.redeem(ticket), tickets.redeem("other")] == ["token", None, None]


async def test_a_refusal_speaks_in_the_hubs_words_and_names_the_fields() -> None:
    wrong = [{"field": "body.name", "message": "too long"}]

    with pytest.raises(RefusedError) as refused:
        await api_to(Hub(problem(422, "invalid_request", errors=wrong))).post("/things")

    assert (str(refused.value), refused.value.fields) == ("do this", {"name": "too long"})


async def test_who_was_faster_is_named() -> None:
    told = problem(412, "changed_meanwhile", changed_by="Grace", what="assigned it to Linus")

    with pytest.raises(ChangedMeanwhileError) as changed:
        await api_to(Hub(told)).post("/things", if_match=3)

    assert str(changed.value).startswith("Grace changed this meanwhile: assigned it to Linus.")


@pytest.mark.parametrize("answer", [httpx.Response(502, text="<html>proxy"), problem(500, "internal")])
async def test_a_fault_is_a_fault_whoever_tells_it(answer: httpx.Response) -> None:
    with pytest.raises(BrokenError):
        await api_to(Hub(answer)).get("/things")


async def test_an_hub_that_is_away_is_probed_until_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.reach.PROBE_EVERY_S", 0.01)
    api = api_to(Hub(httpx.ConnectError("refused"), httpx.ConnectError("refused"), httpx.Response(200, json={})))
    seen: list[str] = []
    back = asyncio.Event()

    def told(state: str) -> None:
        seen.append(state)
        if state == "up":
            back.set()

    api.reach.watch(told)

    with pytest.raises(UnreachableError):
        await api.get("/things")
    await asyncio.wait_for(back.wait(), 60)

    assert seen == ["down", "up"]


async def test_a_renewed_session_repeats_the_call_and_asks_once_for_many() -> None:
    asked = []

    async def ask() -> str:
        asked.append(1)
        await asyncio.sleep(0)
        return "new"

    hub = Hub(httpx.Response(200, json={"ok": True}))
    hub_answer = lambda request: (  # noqa: E731 - one expression
        hub(request) if request.headers["Authorization"] == "Bearer new" else problem(401, "session_expired")
    )
    http = httpx.AsyncClient(base_url="http://hub", transport=httpx.MockTransport(hub_answer))
    api = Api(http, Reach(http), Session("old", ask))

    answers = await asyncio.gather(*(api.post("/things", {"typed": "much"}, key="k") for _ in range(3)))

    assert answers == [{"ok": True}] * 3
    assert len(asked) == 1
    assert {request.content for request in hub.asked} == {b'{"typed":"much"}'}


async def test_a_page_that_looks_by_itself_asks_once_aside_and_says_that_nobody_did_it() -> None:
    asked = asyncio.Event()

    async def ask() -> None:
        asked.set()

    hub = Hub(problem(401, "session_expired"))
    session = Session("old", ask)
    api = api_to(hub, session)

    async def look() -> None:
        UNATTENDED.set(True)
        await api.get("/things")

    for _ in range(2):
        with pytest.raises(SignedOutError):
            await asyncio.create_task(look())
        await asyncio.sleep(0)
    await asyncio.wait_for(asked.wait(), 5)
    asked.clear()
    with pytest.raises(SignedOutError):
        await asyncio.create_task(look())
    await asyncio.sleep(0)

    assert not asked.is_set()
    assert {request.headers.get("X-Tutti-Unattended") for request in hub.asked} == {"1"}
    with pytest.raises(SignedOutError):
        await api.get("/things")
    assert asked.is_set()
    assert "X-Tutti-Unattended" not in hub.asked[-1].headers


@pytest.mark.parametrize(
    ("path", "line"), [(["version"], 1), (["rules", "1", "name"], 4), (["rules", "1", "no_such"], 4), (["gone"], 1)]
)
def test_a_field_is_told_at_its_line(path: list[str], line: int) -> None:
    typed = "version: a\nrules:\n- name: one\n- name: two\n  max_parcels: 2\n"

    assert line_of(typed, path) == line


async def test_without_a_new_session_one_is_signed_out() -> None:
    async def ask() -> None:
        return None

    with pytest.raises(SignedOutError):
        await api_to(Hub(problem(401, "session_expired")), Session("old", ask)).get("/things")


async def test_many_who_watch_the_same_share_one_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(httpx.Response(200, json=[1]), httpx.Response(200, json=[2]))
    api = api_to(hub)
    told: list[Any] = []
    changed = asyncio.Event()

    def show(answer: Any) -> None:
        told.append(answer)
        if len(told) == 3:
            changed.set()

    feed = Feed("key", "/things", {}, every=0.01)
    monkeypatch.setitem(following._FEEDS, "key", feed)
    eye = cast("Any", Eye())
    watchers = [Watcher(cast("Any", SimpleNamespace(api=api)), show, [1], eye) for _ in range(3)]
    for watcher in watchers:
        feed.add(watcher)
    await asyncio.wait_for(changed.wait(), 60)
    for watcher in watchers:
        feed.remove(watcher)
    asked = len(hub.asked)
    await asyncio.sleep(0.05)

    assert told == [[2]] * 3
    assert len(hub.asked) == asked
    assert "key" not in following._FEEDS


class Eye:
    """A part of a page that is there."""

    is_deleted = False
    client = SimpleNamespace(is_deleted=False)

    @property
    def parent_slot(self) -> "Eye":
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...
