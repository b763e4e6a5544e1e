"""The platform's rules for labels: one per external id for good, given back until the carrier has scanned the parcel."""

from typing import Any

from sandbox.shipengine.state import CARRIER, CARRIER_ID, Account, Body, RefusedError, now

NEEDED = ("name", "phone", "address_line1", "city_locality", "state_province", "postal_code", "country_code")


def buy(account: Account, given: Any) -> Body:
    shipment = given.get("shipment") if isinstance(given, dict) else None
    if not isinstance(shipment, dict):
        raise RefusedError("shipment must be specified.", "field_value_required")
    _check(shipment)
    external = str(shipment.get("external_shipment_id") or "")
    if external in account.by_external:
        text = f"external_shipment_id '{external}' already exists."
        raise RefusedError(text, "identifier_conflict")
    if account.settings.label_outcome == "refused":
        raise RefusedError("The carrier refused the label.", "invalid_address", kind="business_rules")
    label = _label(account, shipment, is_return=bool(given.get("is_return_label")))
    account.labels[label["label_id"]] = label
    if external:
        account.by_external[external] = label["label_id"]
    account.committed["labels"][external or label["label_id"]] += 1
    return label


def _check(shipment: Body) -> None:
    if shipment.get("carrier_id") != CARRIER_ID:
        raise RefusedError("carrier_id is not one of this account's carriers.", "invalid_identifier")
    for side in ("ship_from", "ship_to"):
        address = shipment.get(side)
        missing = [name for name in NEEDED if not isinstance(address, dict) or not address.get(name)]
        if missing:
            raise RefusedError(f"{side}.{missing[0]} must be specified.", "field_value_required")
    packages = shipment.get("packages")
    if not isinstance(packages, list) or not packages:
        raise RefusedError("packages must be specified.", "field_value_required")


def _label(account: Account, shipment: Body, *, is_return: bool) -> Body:
    label_id = account.new_id()
    number = f"SBXP{label_id.removeprefix('se-'):0>12}"
    settings = account.settings
    address = f"https://labels.example.com/{label_id}.pdf"
    return {
        "label_id": label_id,
        "status": "completed",
        "shipment_id": account.new_id(),
        "ship_date": now(),
        "created_at": now(),
        "shipment_cost": {"currency": settings.currency, "amount": settings.cost},
        "insurance_cost": {"currency": settings.currency, "amount": 0.0},
        "tracking_number": number,
        "is_return_label": is_return,
        "rma_number": None,
        "is_international": shipment["ship_from"]["country_code"] != shipment["ship_to"]["country_code"],
        "batch_id": "se-0",
        "carrier_id": CARRIER_ID,
        "charge_event": "on_creation",
        "service_code": shipment["service_code"],
        "package_code": "package",
        "voided": False,
        "voided_at": None,
        "label_format": "pdf",
        "display_scheme": "label",
        "label_layout": "4x6",
        "trackable": True,
        "label_image_id": None,
        "carrier_code": CARRIER,
        "tracking_status": "in_transit",
        "label_download": {"href": address, "pdf": address},
        "form_download": None,
        "insurance_claim": None,
        "packages": [{"weight": package["weight"]} for package in shipment["packages"]],
    }


def void(account: Account, label: Body) -> Body:
    """A "no" is answered 200 as well."""
    if label["voided"]:
        return {"approved": False, "message": "The label has already been voided."}
    if account.events[label["tracking_number"]]:
        return {"approved": False, "message": "The carrier has already scanned the parcel."}
    label.update(voided=True, voided_at=now(), status="voided")
    account.committed["voids"][label["label_id"]] += 1
    return {"approved": True, "message": "This label has been voided."}
