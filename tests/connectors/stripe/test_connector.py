"""The connector against the simulated Stripe; where the official OpenAPI is at hand every exchange is held to it."""

import asyncio

import httpx
import pytest

from connectors.contract import PROTOCOLS, Surroundings
from connectors.errors import OutcomeUnknownError, RejectedError, TryAgainError
from connectors.stripe.connector import StripeConfig, StripeConnector
from domain.money import Money
from sandbox.faults import Fault, FaultKind
from tests.connectors.official import OfficialTransport, needs
from tests.connectors.stripe.world import CONFIG, CONTRACT, World, request


def code_of(failure: pytest.ExceptionInfo[RejectedError]) -> str:
    return failure.value.reasons[0].code


def test_what_it_can_follows_from_its_methods(world: World):
    satisfied = {protocol.__name__ for protocol in PROTOCOLS if isinstance(world.connector, protocol)}

    assert satisfied == {"TakesPayments", "VoidsPayments", "RefundsOrders", "ReceivesWebhooks", "CanBeOnboarded"}


async def test_a_capture_is_shown_with_its_payment(world: World):
    wanted = request(await world.pay(2000))

    shown = await world.connector.capture(wanted, "C1")

    assert shown == await world.connector.find_capture(wanted)
    assert shown.amount == Money(amount_minor=2000, currency="USD")
    assert shown.external_id == wanted.parent_external_id


async def test_a_smaller_capture_releases_the_rest(world: World):
    payment = await world.pay(2000)

    await world.connector.capture(request(payment, 1500), "C1")

    assert (await world.shown(payment))["amount_capturable"] == 0
    with pytest.raises(RejectedError) as failure:
        await world.connector.capture(request(payment, 500), "C2")
    assert code_of(failure) == "payment_intent_unexpected_state"
    assert world.simulator.counters()["captured_minor"][payment] == 1500


@pytest.mark.parametrize(
    ("minor", "outcome", "code"), [(2001, "succeeded", "amount_too_large"), (2000, "declined", "card_declined")]
)
async def test_a_capture_may_be_refused(world: World, minor, outcome, code):
    payment = await world.pay(2000)
    await world.do("/settings", capture_outcome=outcome)

    with pytest.raises(RejectedError) as failure:
        await world.connector.capture(request(payment, minor), "C1")

    assert code_of(failure) == code
    assert world.count("captures") == 0


async def test_a_void_gives_up_the_authorization_and_is_refused_once_captured(world: World):
    authorized, captured = await world.pay(), await world.pay(capture=True)

    voided = await world.connector.void(request(authorized), "V1")

    assert await world.connector.find_void(request(authorized)) == voided
    with pytest.raises(RejectedError):
        await world.connector.void(request(captured), "V2")


async def test_parts_are_refunded_up_to_what_was_captured(world: World):
    payment = await world.pay(2000, capture=True)

    await world.connector.refund(request(payment, 1500, reference="R1"), "R1")
    await world.connector.refund(request(payment, 500, reference="R2"), "R2")

    with pytest.raises(RejectedError) as failure:
        await world.connector.refund(request(payment, 1, reference="R3"), "R3")
    assert code_of(failure) == "charge_already_refunded"
    assert world.simulator.counters()["refunded_minor"][payment] == 2000


async def test_a_refund_beyond_the_capture_names_the_field(world: World):
    payment = await world.pay(2000, capture=True)

    with pytest.raises(RejectedError) as failure:
        await world.connector.refund(request(payment, 2001), "R1")

    assert (failure.value.reasons[0].item, code_of(failure)) == ("amount", "amount_too_large")


async def test_a_currency_that_has_changed_moves_no_money(world: World):
    payment = await world.pay(2000, "jpy", capture=True)

    with pytest.raises(RejectedError) as failure:
        await world.connector.refund(request(payment, 2000, "USD"), "R1")

    assert code_of(failure) == "currency_mismatch"
    assert world.count("refunds") == 0


@pytest.mark.parametrize("parent", ["", "ch_1", "pi_1/capture", "pi_1?x"])
async def test_an_order_without_a_payment_is_refused_before_it_is_sent(world: World, parent):
    with pytest.raises(RejectedError) as failure:
        await world.connector.refund(request(parent), "R1")

    assert code_of(failure) == "no_payment"


async def test_a_pending_refund_is_there_and_one_that_fails_later_moved_no_money(world: World):
    payment = request(await world.pay(2000, capture=True))
    await world.do("/settings", refund_outcome="pending")

    made = await world.connector.refund(payment, "R1")
    await world.do(f"/refunds/{made.external_id}/settle", status="failed")
    found = await world.connector.find_refund(payment)

    assert made.state == "pending"
    assert found is not None
    assert found.state == "failed"
    assert world.simulator.counters()["refunded_minor"][payment.parent_external_id] == 0


async def test_a_refund_that_fails_at_once_is_refused(world: World):
    payment = request(await world.pay(2000, capture=True))
    await world.do("/settings", refund_outcome="failed")

    with pytest.raises(RejectedError) as failure:
        await world.connector.refund(payment, "R1")

    assert code_of(failure) == "expired_or_canceled_card"


async def test_a_refund_is_found_on_a_later_page(world: World):
    payment = await world.pay(20_000, capture=True)
    for number in range(105):
        form = {"payment_intent": payment, "amount": "1", "metadata[tutti_reference]": f"R{number}"}
        await world.connector._client.refund(form, f"K{number}")

    found = await world.connector.find_refund(request(payment, 1, reference="R0"))

    assert found is not None


async def test_the_same_key_with_another_amount_is_refused(world: World):
    payment = await world.pay(2000, capture=True)
    await world.connector.refund(request(payment, 100, reference="R1"), "K")

    with pytest.raises(RejectedError) as failure:
        await world.connector.refund(request(payment, 200, reference="R2"), "K")

    assert code_of(failure) == "idempotency_error"


async def test_a_key_in_use_is_looked_up_and_a_full_bucket_waits(world: World):
    async def answered(status: int, code: str) -> Exception:
        def answer(asked: httpx.Request) -> httpx.Response:
            if asked.method == "GET":
                intent = {"id": "pi_1", "amount": 1, "currency": "usd", "status": "requires_capture"}
                return httpx.Response(200, json=intent)
            return httpx.Response(status, headers={"retry-after": "1"}, json={"error": {"code": code}})

        around = Surroundings(connection_id="c1", transport=httpx.MockTransport(answer))
        connector = StripeConnector.open(StripeConfig.model_validate(CONFIG), around)
        with pytest.raises((OutcomeUnknownError, TryAgainError)) as failure:
            await connector.capture(request("pi_1", 1), "C1")
        return failure.value

    failures = [await answered(409, "idempotency_key_in_use"), await answered(429, "rate_limit")]

    assert [type(failure) for failure in failures] == [OutcomeUnknownError, TryAgainError]


STORM = tuple(
    Fault(kind=kind, operation="PostRefunds", probability=0.25, seconds=0.01)
    for kind in (FaultKind.COMMIT_THEN_DROP, FaultKind.ANSWER_TWICE, FaultKind.SERVER_ERROR, FaultKind.THROTTLE)
)


async def refund_through(world: World, payments: list[str], key_of=lambda payment, attempt: payment) -> None:
    async def one(payment: str) -> None:
        wanted = request(payment, 2000, reference=payment)
        for attempt in range(50):
            try:
                await world.connector.refund(wanted, key_of(payment, attempt))
            except (OutcomeUnknownError, TryAgainError):
                continue
            return

    await asyncio.gather(*map(one, payments))


async def test_a_provider_that_commits_and_drops_replies_refunds_each_once(world: World):
    payments = [await world.pay(2000, capture=True) for _ in range(60)]
    world.strike(*STORM, seed=7)

    await refund_through(world, payments)

    assert set(world.simulator.counters()["refunds"].values()) == {1}
    assert set(world.simulator.counters()["refunded_minor"].values()) == {2000}
    assert {kind.partition(":")[0] for kind in world.faults.injected} == {fault.kind for fault in STORM}


async def test_without_key_and_look_up_the_provider_would_count_doubles(world: World, monkeypatch: pytest.MonkeyPatch):
    """The control arm: with both protections off, the simulator's own count shows it."""
    payments = [await world.pay(100_000, capture=True) for _ in range(30)]
    world.strike(*STORM, seed=7)

    async def blind(_intent: object, _request: object) -> None:
        return None

    monkeypatch.setattr(world.connector._payments, "_find_refund", blind)
    monkeypatch.setattr("connectors.stripe.client._keyed", lambda _key: {})
    await refund_through(world, payments)

    assert max(world.simulator.counters()["refunds"].values()) > 1


async def test_the_check_names_the_account(world: World):
    access = await world.connector.check()

    assert (access.account, access.missing) == ("acct_sandbox", ())


@needs(CONTRACT)
async def test_every_operation_was_held_to_the_contract(world: World):
    assert isinstance(world.transport, OfficialTransport)
    authorized, captured = await world.pay(), await world.pay(capture=True)
    await world.connector.capture(request(authorized), "C1")
    await world.connector.void(request(await world.pay()), "V1")
    await world.connector.refund(request(captured), "R1")
    await world.connector.check()

    assert world.transport.seen == {
        "GetAccount",
        "GetPaymentIntentsIntent",
        "GetRefunds",
        "PostPaymentIntentsIntentCancel",
        "PostPaymentIntentsIntentCapture",
        "PostRefunds",
    }
