"""The provider's rules for money: one capture within the authorization, refunds within what was captured."""

from sandbox.stripe.objects import charge_body, dispute_body, intent_body, refund_body
from sandbox.stripe.state import Account, Body, RefusedError, now


def authorize(account: Account, amount: int, currency: str, *, capture: bool) -> Body:
    """A buyer has paid at a checkout: authorized, or captured at once."""
    intent = intent_body(account.new_id("pi"), amount, currency)
    charge = charge_body(account.new_id("ch"), intent)
    intent["latest_charge"] = charge["id"]
    account.intents[intent["id"]] = intent
    account.charges[charge["id"]] = charge
    if capture:
        _capture(account, intent, amount)
    return intent


def capture(account: Account, intent: Body, form: Body) -> Body:
    if intent["status"] != "requires_capture":
        text = f"This PaymentIntent could not be captured because it has a status of {intent['status']}."
        raise RefusedError(text, "payment_intent_unexpected_state")
    amount = whole(form, "amount_to_capture", intent["amount_capturable"])
    if not 0 < amount <= intent["amount_capturable"]:
        text = "The provided amount_to_capture is greater than the remaining amount_capturable."
        raise RefusedError(text, "amount_too_large", "amount_to_capture")
    if account.settings.capture_outcome == "declined":
        raise RefusedError("Your card was declined.", "card_declined", status=402, kind="card_error")
    _capture(account, intent, amount)
    account.commit("captures", intent["id"])
    return intent


def _capture(account: Account, intent: Body, amount: int) -> None:
    """What is not captured is released: a PaymentIntent is captured once."""
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    account.charges[intent["latest_charge"]].update(captured=True, amount_captured=amount)
    account.commit("captured_minor", intent["id"], amount)


def cancel(account: Account, intent: Body, form: Body) -> Body:
    if intent["status"] != "requires_capture":
        text = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
        raise RefusedError(text, "payment_intent_unexpected_state")
    reason = form.get("cancellation_reason")
    intent.update(status="canceled", canceled_at=now(), cancellation_reason=reason, amount_capturable=0)
    account.commit("voids", intent["id"])
    return intent


def refund(account: Account, form: Body) -> Body:
    intent = account.intent(str(form.get("payment_intent", "")))
    charge = account.charges[intent["latest_charge"]]
    if not charge["captured"]:
        text = "This PaymentIntent does not have a successful charge to refund."
        raise RefusedError(text, "payment_intent_unexpected_state", "payment_intent")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise RefusedError(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    amount = whole(form, "amount", left)
    if not 0 < amount <= left:
        text = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise RefusedError(text, "amount_too_large", "amount")
    if account.settings.refund_outcome == "refused":
        raise RefusedError("The payment method does not support refunds.", "refund_disputed_payment", status=402)
    made = refund_body(account.new_id("re"), intent, amount, form.get("metadata") or {})
    account.refunds[made["id"]] = made
    settle(account, made, account.settings.refund_outcome)
    account.commit("refunds", made["metadata"].get("tutti_reference") or made["id"])
    return made


def settle(account: Account, made: Body, outcome: str) -> None:
    """What the bank makes of a refund, at once or days later; one that failed is the merchant's money again."""
    charge = account.charges[made["charge"]]
    held = made["status"] in {"pending", "succeeded"}
    holds = outcome in {"pending", "succeeded"}
    change = made["amount"] * (holds - held)
    charge["amount_refunded"] += change
    charge["refunded"] = charge["amount_refunded"] >= charge["amount_captured"]
    made["status"] = outcome
    if outcome == "failed":
        made["failure_reason"] = "expired_or_canceled_card"
    if change:
        account.commit("refunded_minor", made["payment_intent"], change)


def dispute(account: Account, intent: Body, *, inquiry: bool) -> Body:
    """The buyer's bank asks for the money back."""
    charge = account.charges[intent["latest_charge"]]
    made = dispute_body(account.new_id("dp"), charge, inquiry=inquiry)
    charge["disputed"] = True
    account.disputes[made["id"]] = made
    return made


def whole(form: Body, name: str, otherwise: int) -> int:
    text = str(form.get(name, otherwise))
    if not text.isdecimal():
        raise RefusedError(f"Invalid integer: {text}", "parameter_invalid_integer", name)
    return int(text)
