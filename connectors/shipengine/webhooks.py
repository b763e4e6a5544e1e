"""ShipEngine's tracking notices, and what they say."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError

from connectors.contract import Delivery
from connectors.errors import UnreadableError
from connectors.kit.webhooks import body_id
from connectors.shipengine import mapping, signatures
from connectors.shipengine.schemas import ShipEngineEnvelope, ShipEngineTrackNotice
from domain.news import News, ParcelNews

TOPICS = frozenset({"API_TRACK", "TRACK_EVENT_V2"})


def identify(headers: Mapping[str, str], body: bytes) -> Delivery:
    """The topic stands in the body; no id comes with it, so that the bytes stand in: a repeat carries the same."""
    try:
        topic = ShipEngineEnvelope.model_validate_json(body).resource_type
    except ValidationError:
        topic = ""
    at = signatures.time_of(headers.get("x-shipengine-timestamp", ""))
    return Delivery(topic=topic, event_id=body_id(body), headers=headers, body=body, triggered_at=at)


def read(topic: str, body: bytes) -> tuple[News, ...] | None:
    """Every notice tells the whole journey so far: late and doubled ones say nothing wrong."""
    if topic not in TOPICS:
        return None
    try:
        notice = ShipEngineTrackNotice.model_validate_json(body)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
    else:
        carrier = notice.data.carrier_code or _carrier_in(notice.resource_url)
        scans = mapping.scans(notice.data)
        return (ParcelNews(carrier=carrier, tracking_number=notice.data.tracking_number, scans=scans),)
    field = ".".join(map(str, first["loc"])) or "the whole body"
    raise UnreadableError("ShipEngine sent what it does not document", f"{field}: {first['type']}", field=field)


def _carrier_in(address: str) -> str:
    """Older notices name the carrier only in the query of `resource_url`."""
    try:
        query = parse_qs(urlsplit(address).query)
    except ValueError:
        return ""
    return query.get("carrier_code", [""])[0]
