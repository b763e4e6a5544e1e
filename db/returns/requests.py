"""What the outside is asked for a return, read at the moment of asking."""

from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.contract import Label, LabelRequest, PaymentRequest
from connectors.contract.returns import ReturnRequest
from db.facts import lock
from db.order_reading import LINES, ORDERS
from db.persons import person_of
from db.restock import LOCATIONS
from db.returns.money import reconsider
from db.returns.reading import load
from db.returns.rows import PARCELS, REFUNDS, lines_of, row_of
from db.rows import change, find, one
from db.rows import row as one_by_id
from db.vault import ErasedError, Vault
from domain.channel_order import Address
from domain.location import LocationProfile
from domain.money import Money
from domain.refs import ReturnRef
from domain.returns.message import Message


def locked_for(tx: Connection, given: ReturnRef) -> Row[Any] | None:
    """The return's row under its order's lock; None when another run took over."""
    lock(tx, row_of(tx, given.return_id).order_id)
    row = row_of(tx, given.return_id)
    return row if row.run_no == given.run_no else None


def request(tx: Connection, vault: Vault, row: Row[Any], duty: Row[Any]) -> Any:
    """None: it is not wanted any more, or there is nothing to ask."""
    match duty.kind:
        case "refund":
            return _payment(tx, row, duty)
        case "label":
            return _label(tx, vault, row, duty.round)
        case "void_label":
            return _label_to_void(tx, vault, row, duty.round)
        case "notify":
            return _message(tx, vault, row, duty.about)
        case _:
            return _return(tx, row, duty)


def refund_of(tx: Connection, duty: Row[Any]) -> Row[Any]:
    """The refund that a duty is about."""
    return one(tx, REFUNDS, f"{duty.return_id}-{duty.about}")


def _payment(tx: Connection, row: Row[Any], duty: Row[Any]) -> PaymentRequest | None:
    """From here on the money may move: what the channel gave meanwhile is taken off first, and never later."""
    refund = refund_of(tx, duty)
    amount = int(refund.amount_minor)
    if refund.state == "planned":
        amount = reconsider(tx, row, refund)
        if amount:
            change(tx, REFUNDS, refund.id, state="calling")
    if not amount or refund.state in {"made", "given_up"}:
        return None
    order = one(tx, ORDERS, row.order_id)
    return PaymentRequest(
        reference=refund.id,
        order_external_id=order.external_id,
        amount=Money(amount_minor=amount, currency=refund.currency),
        parent_external_id=refund.parent_external_id,
    )


def _return(tx: Connection, row: Row[Any], duty: Row[Any]) -> ReturnRequest | None:
    """Units that came back are processed; until then all that is authorized is shown."""
    kind = duty.kind
    if kind != "register" and not row.external_id:
        return None  # the channel was never told of it
    order = one(tx, ORDERS, row.order_id)
    names = {line.line_id: line.external_id for line in find(tx, LINES, order_id=row.order_id)}
    came = {line.line_id: min(line.received, line.authorized) for line in load(tx, row.id).lines}
    lines = tuple(
        (names[line.line_id], units, line.reason)
        for line in lines_of(tx, row.id)
        if (units := came[line.line_id] if kind == "process" else line.authorized or line.announced)
    )
    parcel = _parcel_in_use(tx, row.id)
    return ReturnRequest(
        reference=row.id,
        order_external_id=order.external_id,
        external_id=row.external_id,
        lines=lines,
        again=duty.round > 1,
        tracking_number=parcel.tracking_number if parcel else "",
        carrier=parcel.carrier if parcel else "",
    )


def _label(tx: Connection, vault: Vault, row: Row[Any], round_no: int) -> LabelRequest | None:
    """From the buyer to the place that receives; None where one of the two has no address."""
    place = one_by_id(tx, LOCATIONS, row.location_id)
    try:
        person = person_of(tx, vault, row.order_id)
    except ErasedError:
        return None
    if place is None or person.ship_to is None:
        return None
    weights = {line.line_id: line.weight_g for line in find(tx, LINES, order_id=row.order_id)}
    weight = sum(weights[line.line_id] * line.authorized for line in lines_of(tx, row.id))
    return LabelRequest(
        reference=f"{row.id}-P{round_no}", sender=person.ship_to, receiver=_address(place), weight_g=max(1, weight)
    )


def _address(place: Row[Any]) -> Address:
    profile = LocationProfile.of(place.profile)
    return Address(
        name=place.name, company=place.name, line1=profile.line1, city=profile.city, province=profile.province,
        postal_code=profile.postal_code, country=profile.country, phone=profile.phone,
    )  # fmt: skip


def _label_to_void(tx: Connection, vault: Vault, row: Row[Any], round_no: int) -> tuple[Label, LabelRequest] | None:
    parcel = _parcel_in_use(tx, row.id)
    bought = _label(tx, vault, row, round_no)
    if parcel is None or bought is None or not parcel.external_id:
        return None
    label = Label(
        external_id=parcel.external_id, carrier=parcel.carrier, tracking_number=parcel.tracking_number, document_url="",
        cost=Money(amount_minor=0, currency="USD"),
    )  # fmt: skip
    return label, bought


def _parcel_in_use(tx: Connection, return_id: str) -> Row[Any] | None:
    return next(iter(find(tx, PARCELS, return_id=return_id, is_voided=False)), None)


def keep_label(tx: Connection, vault: Vault, row: Row[Any], duty: Row[Any], label: Label) -> None:
    """Bought or given back; the document's address is sealed under the buyer's key, for it names them."""
    order = tx.execute(select(ORDERS.c.subject_id).where(ORDERS.c.id == row.order_id)).one()
    reference = f"{row.id}-P{duty.round}"
    tx.execute(PARCELS.delete().where(PARCELS.c.return_id == row.id, PARCELS.c.reference == reference))
    tx.execute(
        PARCELS.insert().values(
            return_id=row.id, reference=reference, connection_id=duty.connection_id, external_id=label.external_id,
            carrier=label.carrier, tracking_number=label.tracking_number, is_voided=label.is_voided, status="",
            sealed_document=vault.seal(tx, order.subject_id, {"url": label.document_url}),
        )
    )  # fmt: skip


def _message(tx: Connection, vault: Vault, row: Row[Any], about: str) -> Message | None:
    """None for a buyer without an e-mail address, or who was erased."""
    try:
        person = person_of(tx, vault, row.order_id)
    except ErasedError:
        return None
    if not person.buyer.email:
        return None
    number = tx.execute(select(ORDERS.c.number).where(ORDERS.c.id == row.order_id)).scalar_one()
    return Message.about(about, key=f"{row.id}:{about}", to=person.buyer.email, order_number=number, return_id=row.id)
