"""New objects as the API shows them, with every field that its contract requires."""

from typing import Any

from sandbox.stripe.state import Body, now


def intent_body(intent_id: str, amount: int, currency: str) -> Body:
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": amount,
        "amount_received": 0,
        "capture_method": "manual",
        "confirmation_method": "automatic",
        "created": now(),
        "currency": currency,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "payment_method_types": ["card"],
        "status": "requires_capture",
        "canceled_at": None,
        "cancellation_reason": None,
        "last_payment_error": None,
    }


def charge_body(charge_id: str, intent: Body) -> Body:
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": False,
        "created": now(),
        "currency": intent["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": intent["id"],
        "refunded": False,
        "status": "succeeded",
    }


def refund_body(refund_id: str, intent: Body, amount: int, metadata: Any) -> Body:
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "charge": intent["latest_charge"],
        "created": now(),
        "currency": intent["currency"],
        "metadata": metadata,
        "payment_intent": intent["id"],
        "reason": None,
        "status": None,
    }


def dispute_body(dispute_id: str, charge: Body, *, inquiry: bool) -> Body:
    return {
        "id": dispute_id,
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "evidence": {},
        "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": "product_not_received",
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


def account_body() -> Body:
    return {"id": "acct_sandbox", "object": "account", "charges_enabled": True, "country": "US"}


def listed(url: str, items: list[Body], *, has_more: bool) -> Body:
    return {"object": "list", "url": url, "data": items, "has_more": has_more}
