"""What activities need of the rest of the hub, as protocols: importing a workflow loads none of it."""

from typing import Protocol

from connectors.contract import Connector


class Connections(Protocol):
    """Opens connectors."""

    async def connector(self, connection_id: str) -> Connector:
        """The connection's connector, kept open."""
