"""What tests may ask of the simulated carrier beyond ShipEngine's own API."""

from fastapi import APIRouter, HTTPException

from sandbox.shipengine.post import Post
from sandbox.shipengine.state import Body, Event, Settings


def control(post: Post) -> APIRouter:
    router = APIRouter()

    @router.post("/settings")
    async def change(changes: Settings) -> Settings:
        """Change the settings that are named."""
        named = {name: getattr(changes, name) for name in changes.model_fields_set}
        post.account.settings = post.account.settings.model_copy(update=named)
        return post.account.settings

    @router.get("/parcels")
    async def parcels() -> list[Body]:
        return [_shown(post, label) for label in post.account.labels.values()]

    @router.post("/parcels/{tracking_number}/{event}")
    async def scan(tracking_number: str, event: Event) -> Body:
        """Something happens to a parcel now."""
        label = post.account.parcel(tracking_number)
        if label is None:
            raise HTTPException(404, "no parcel has this tracking number")
        post.scan(label, event)
        return _shown(post, label)

    return router


def _shown(post: Post, label: Body) -> Body:
    names = {label_id: external for external, label_id in post.account.by_external.items()}
    events = [event["event_code"].lower() for event in post.account.events[label["tracking_number"]]]
    return {
        "reference": names.get(label["label_id"], ""),
        "tracking_number": label["tracking_number"],
        "is_return": label["is_return_label"],
        "voided": label["voided"],
        "events": events,
    }
