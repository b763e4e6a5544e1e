"""The gates over one product, with what the platform publishes that it wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.contract import GivesListingSchema
from connectors.errors import ConnectorError, NotFoundAtChannelError
from db.desks.catalog import CatalogDesk, listing
from domain.catalog.findings import Finding
from domain.catalog.gates import Checked, GateQuestion, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from runtime.wiring import Hub

SCHEMA_AGE = timedelta(days=7)
"""Platforms change what they want of a product type every few weeks; an older schema is read again."""


async def checked(hub: Hub, product_id: str, connection_id: str) -> Checked:
    """As it is now."""
    return await gated(hub, await CatalogDesk(hub.database).question(product_id, connection_id))


async def gated(hub: Hub, question: GateQuestion) -> Checked:
    """A platform that does not answer is asked again the next time: its schema is then the last one known."""
    first = check(question)
    kind = first.filled.kind
    connector = await hub.connector(question.channel)
    if not isinstance(connector, GivesListingSchema) or not kind:
        return first
    try:
        schema = await _schema(hub, connector, question.channel, kind)
    except NotFoundAtChannelError:
        return first.model_copy(update={"findings": (*first.findings, _no_such_kind(question.channel, kind))})
    if schema is None:
        return first
    form = listing(first.filled)
    documents = {sku: connector.listing_document(form, sku) for sku in form.ref.skus}
    return check(question.model_copy(update={"schema_": schema, "documents": documents}))


async def _schema(hub: Hub, connector: GivesListingSchema, connection_id: str, kind: str) -> Mapping[str, Any] | None:
    desk = CatalogDesk(hub.database)
    kept = await desk.schema(connection_id, kind)
    if kept is not None and kept.read_at + SCHEMA_AGE > datetime.now(UTC):
        return kept.body
    try:
        schema = await connector.listing_schema(kind)
    except NotFoundAtChannelError:
        raise
    except ConnectorError:
        return kept.body if kept else None
    await desk.keep_schema(connection_id, kind, schema)
    return schema


def _no_such_kind(connection_id: str, kind: str) -> Finding:
    return Finding(
        gate="category", channel=connection_id, field="kind", severity="blocking",
        text=f"{connection_id} has no product type {kind}", remedy="correct the map of kind in its form",
    )  # fmt: skip
