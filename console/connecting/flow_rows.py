"""The map of data flows: what moves between the hub and the platforms, as rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.status import status_cell, words
from console.parts.table import Column, Row

if TYPE_CHECKING:
    from collections.abc import Iterable

FLOWS = (
    Column("flow", "Flow"),
    Column("way", "Way"),
    Column("mode", "Mode", "status"),
    Column("volume", "In 24 h", "number"),
    Column("failed", "Refused", "number"),
    Column("waiting", "Waiting", "number"),
    Column("lag", "Oldest waits since", "time"),
    Column("last", "Last success", "time"),
)
MAP = (Column("connection", "Connection", "link"), *FLOWS)
WAYS = {"in": "platform → hub", "out": "hub → platform"}


def flow_rows(shown: Iterable[dict[str, Any]]) -> list[Row]:
    """Of all these connections, as `GET /figures/flows` gives them."""
    return [_row(connection, flow) for connection in shown for flow in connection["flows"]]


def _row(connection: dict[str, Any], flow: dict[str, Any]) -> Row:
    canary = flow["canary_percent"]
    label = f"On for {canary} %" if canary is not None and canary < 100 else None
    return {
        "key": f"{connection['connection_id']} {flow['name']}",
        "href": f"/connections/{connection['connection_id']}",
        "connection": connection["name"],
        "flow": words(flow["name"]),
        "way": WAYS[flow["direction"]],
        "mode": status_cell("paused" if connection["paused_at"] else flow["mode"], label=label),
        "volume": flow["volume"],
        "failed": flow["failed"],
        "waiting": flow["waiting"],
        "lag": flow["oldest_waiting"],
        "last": flow["last_success"],
    }
