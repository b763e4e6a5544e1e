"""The gates over one product, with what the platform publishes that it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.contract import GivesListingSchema
from connectors.errors import ConnectorError, NotFoundAtChannelError
from db.desks.catalog import CatalogDesk, listing
from domain.catalog.gates import Checked, check
from domain.errors import DomainError

if TYPE_CHECKING:
    from runtime.wiring import Hub


async def checked(hub: Hub, product_id: str, connection_id: str) -> Checked:
    """As it is now. A platform that does not answer is asked again the next time: its schema is then the last one known."""
    desk = CatalogDesk(hub.database)
    question = await desk.question(product_id, connection_id)
    first = check(question)
    connector = await hub.connector(connection_id)
    if not isinstance(connector, GivesListingSchema) or not first.filled.kind:
        return first
    schema = await desk.schema(connection_id, first.filled.kind)
    if schema is None:
        try:
            schema = await connector.listing_schema(first.filled.kind)
        except NotFoundAtChannelError:
            raise DomainError(
                "unknown_kind",
                f"{connection_id} has no product type {first.filled.kind}; correct the map of kind in its form",
            ) from None
        except ConnectorError:
            return first
        await desk.keep_schema(connection_id, first.filled.kind, schema)
    form = listing(first.filled)
    documents = {sku: connector.listing_document(form, sku) for sku in form.ref.skus}
    return check(question.model_copy(update={"schema_": schema, "documents": documents}))
