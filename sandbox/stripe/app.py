"""The simulated Stripe as one platform of the sandbox."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.routing import BaseRoute

from sandbox.faults import Faults
from sandbox.stripe import money
from sandbox.stripe.control import control
from sandbox.stripe.events import Events
from sandbox.stripe.gateway import Gateway
from sandbox.stripe.objects import account_body, listed
from sandbox.stripe.state import Account, Body
from sandbox.webhooks import Outbox


class Stripe:
    """Base address: `<sandbox>/stripe`; a reset forgets payments, endpoints and all settings."""

    name = "stripe"

    def __init__(self, faults: Faults, outbox: Outbox) -> None:
        self.account = Account()
        self._events = Events(outbox)
        self.control = control(lambda: self.account, self._events)
        gate = Gateway(faults, lambda: self.account)
        intent = "/payment_intents/{intent}"
        self.routes: list[BaseRoute] = [
            gate.route("GET", "/account", "GetAccount", "", lambda _request, _form: account_body()),
            gate.route("GET", intent, "GetPaymentIntentsIntent", "expand client_secret", self._intent),
            gate.route(
                "POST", f"{intent}/capture", "PostPaymentIntentsIntentCapture", "amount_to_capture", self._capture
            ),
            gate.route(
                "POST", f"{intent}/cancel", "PostPaymentIntentsIntentCancel", "cancellation_reason", self._cancel
            ),
            gate.route("POST", "/refunds", "PostRefunds", "payment_intent amount metadata reason", self._refund),
            gate.route("GET", "/refunds", "GetRefunds", "payment_intent limit starting_after", self._refunds),
        ]

    def reset(self) -> None:
        self.account = Account()

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        """`captures`, `voids` by payment, `refunds` by reference; `captured_minor`, `refunded_minor` are sums of money."""
        return self.account.committed

    def _intent(self, request: Request, _form: Body) -> Body:
        return self.account.intent(request.path_params["intent"])

    def _capture(self, request: Request, form: Body) -> Body:
        done = money.capture(self.account, self._intent(request, form), form)
        self._events.tell(self.account, "payment_intent.succeeded", done)
        return done

    def _cancel(self, request: Request, form: Body) -> Body:
        done = money.cancel(self.account, self._intent(request, form), form)
        self._events.tell(self.account, "payment_intent.canceled", done)
        return done

    def _refund(self, _request: Request, form: Body) -> Body:
        made = money.refund(self.account, form)
        self._events.tell(self.account, "refund.created", made)
        if made["status"] == "failed":
            self._events.tell(self.account, "refund.failed", made)
        else:
            self._events.tell(self.account, "charge.refunded", self.account.charges[made["charge"]])
        return made

    def _refunds(self, _request: Request, form: Body) -> Body:
        """Newest first; a page goes on after the id of the last one shown."""
        wanted = form.get("payment_intent")
        found = [one for one in self.account.refunds.values() if wanted in {None, one["payment_intent"]}][::-1]
        ids = [one["id"] for one in found]
        start = ids.index(form["starting_after"]) + 1 if form.get("starting_after") in ids else 0
        end = start + min(money.whole(form, "limit", 10), 100)
        return listed("/v1/refunds", found[start:end], has_more=end < len(found))


def platform(faults: Faults, outbox: Outbox) -> Stripe:
    return Stripe(faults, outbox)
