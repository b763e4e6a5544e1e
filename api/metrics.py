"""The hub in Prometheus form: what this process counts, and what the database knows at the moment of asking."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

from db.figures import Figures

OWN = CollectorRegistry()
WEBHOOK_ANSWERS = Histogram(
    "tutti_webhook_answer_seconds",
    "From the first byte of a delivery to its answer",
    ("answer",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=OWN,
)
"""`answer`: stored, duplicate, forged."""


def exposition(figures: Figures) -> bytes:
    """The text of `/metrics`."""
    registry = CollectorRegistry()
    _by_label(registry, "tutti_orders", "Orders by state", "state", figures.orders)
    _by_label(registry, "tutti_effects", "Writes to the outside by state", "state", figures.effects)
    _by_label(registry, "tutti_exceptions_open", "Open exceptions by severity", "severity", figures.exceptions)
    _by_label(registry, "tutti_forged_deliveries", "Deliveries with a bad signature", "connection", figures.forged)
    for name, text, value in (
        ("tutti_inbox_backlog", "Deliveries that are stored and not read yet", figures.inbox_new),
        ("tutti_outbox_backlog", "Orders whose run is to be woken", figures.outbox),
        ("tutti_outbox_oldest_seconds", "How long the oldest of them is overdue", figures.outbox_oldest_seconds),
    ):
        Gauge(name, text, registry=registry).set(value)
    return generate_latest(OWN) + generate_latest(registry)


def _by_label(registry: CollectorRegistry, name: str, text: str, label: str, counts: Mapping[str, int]) -> None:
    gauge = Gauge(name, text, (label,), registry=registry)
    for value, number in counts.items():
        gauge.labels(value).set(number)
