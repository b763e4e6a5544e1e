"""Between the hub's words and ShipEngine's; pure."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from connectors.contract import Label, LabelRequest
from connectors.errors import ItemReason
from connectors.shipengine.schemas import ShipEngineLabel, ShipEngineScan, ShipEngineTrack
from domain.channel_order import Address
from domain.parcel import ParcelScan, ScanStatus

EXTERNAL_ID = re.compile(r"[\w.-]{1,50}", re.ASCII)
STATUSES: dict[str, ScanStatus] = {
    "NY": "announced",
    "AC": "accepted",
    "IT": "in_transit",
    "AT": "out_for_delivery",
    "DE": "delivered",
    "SP": "delivered",
}
DETAILS: tuple[tuple[str, ScanStatus], ...] = (
    ("REFUSED", "refused"),
    ("LOST", "lost"),
    ("OUT_FOR_DELIVERY", "out_for_delivery"),
)


def external_id(reference: str) -> str:
    """Our reference as ShipEngine takes it: 50 characters at most, and safe in a path."""
    if EXTERNAL_ID.fullmatch(reference):
        return reference
    return hashlib.sha256(reference.encode()).hexdigest()[:48]


def problems(request: LabelRequest, phone: str) -> tuple[ItemReason, ...]:
    """Why no carrier could take this, before it is asked."""
    found = [ItemReason(item="weight_g", code="weight_missing")] if request.weight_g <= 0 else []
    for side, address in (("sender", request.sender), ("receiver", request.receiver)):
        needed = {
            "name": address.name or address.company,
            "line1": address.line1,
            "city": address.city,
            "postal_code": address.postal_code,
            "country": address.country,
            "phone": address.phone or phone,
        }
        found += [ItemReason(item=f"{side}.{name}", code=f"{name}_missing") for name in needed if not needed[name]]
    return tuple(found)


def label_body(request: LabelRequest, carrier_id: str, service: str, phone: str) -> dict[str, Any]:
    """The body of `create_label`, for a request without problems."""
    shipment = {
        "carrier_id": carrier_id,
        "service_code": request.service or service,
        "external_shipment_id": external_id(request.reference),
        "ship_from": _address(request.sender, phone),
        "ship_to": _address(request.receiver, phone),
        "packages": [{"weight": {"value": request.weight_g, "unit": "gram"}}],
    }
    return {
        "shipment": shipment,
        "is_return_label": request.is_return,
        "label_format": "pdf",
        "label_download_type": "url",
    }


def _address(given: Address, phone: str) -> dict[str, Any]:
    """A state is demanded everywhere; where a country has none the city stands in, as ShipEngine's own forms do."""
    optional = {"company_name": given.company, "address_line2": given.line2}
    return {
        "name": given.name or given.company,
        "phone": given.phone or phone,
        "address_line1": given.line1,
        "city_locality": given.city,
        "state_province": given.province or given.city,
        "postal_code": given.postal_code,
        "country_code": given.country,
        "address_residential_indicator": "unknown",
        **{name: value for name, value in optional.items() if value},
    }


def label(shown: ShipEngineLabel) -> Label:
    download = shown.label_download
    return Label(
        external_id=shown.label_id,
        carrier=shown.carrier_code,
        tracking_number=shown.tracking_number,
        document_url=(download.pdf or download.href) if download else "",
        cost=shown.shipment_cost,
        is_voided=shown.voided or shown.status == "voided",
    )


def scans(track: ShipEngineTrack) -> tuple[ParcelScan, ...]:
    """Oldest first. Where an event tells no status, the newest has the parcel's, and the others tell none."""
    return tuple(_scans(track))


def _scans(track: ShipEngineTrack) -> Iterator[ParcelScan]:
    ordered = sorted(track.events, key=lambda event: event.occurred_at)
    for event in ordered:
        source: ShipEngineScan | ShipEngineTrack = event
        if not event.status_code and event is ordered[-1]:
            source = track
        yield ParcelScan(
            status=_status(source.status_code, source.status_detail_code),
            at=event.occurred_at,
            country=event.country_code,
        )


def _status(code: str, detail: str) -> ScanStatus:
    named = (status for word, status in DETAILS if word in detail)
    return next(named, STATUSES.get(code, "unknown"))
