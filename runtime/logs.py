"""Logging: one line per event, JSON or for a console, without personal data and secrets."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from structlog.typing import EventDict, Processor, WrappedLogger

    from runtime.settings import Settings

REDACTED = "[redacted]"

_PERSONAL = {
    "address", "address1", "address2", "addressee", "billing_address", "body", "city", "company", "customer", "email",
    "first_name", "full_name", "last_name", "latitude", "longitude", "payload", "phone", "recipient",
    "shipping_address", "street", "zip",
}  # fmt: skip
_SECRET = re.compile(r"api_?key|authorization|cookie|credential|passphrase|password|secret|signature|token")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PASSWORD_IN_URL = re.compile(r"(://[^/\s:@]*:)[^@/\s]+@")

# What these say at INFO repeats what our own events say, or what an exception carries.
_TALKATIVE = ("httpx", "httpcore", "uvicorn.access", "alembic")


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor that blanks personal fields and secrets by name, and e-mail addresses and passwords in any text."""
    return {key: _without_personal_data(key, value) for key, value in event.items()}


def _without_personal_data(name: str, value: Any) -> Any:
    if name.lower() in _PERSONAL or _SECRET.search(name.lower()):
        return REDACTED
    if isinstance(value, str):
        return _PASSWORD_IN_URL.sub(rf"\1{REDACTED}@", _EMAIL.sub(REDACTED, value))
    if isinstance(value, dict):
        return {key: _without_personal_data(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_personal_data("", inner) for inner in value]
    return value


def configure_logs(settings: Settings, process: str) -> None:
    """Send structlog and the standard library (uvicorn, temporalio, sqlalchemy) through one chain to stderr."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _name_process(process),
                # exceptions become text before the redaction, which then sees their messages too
                structlog.processors.format_exc_info,
                redact,
                _renderer(settings),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _name_process(process: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> Mapping[str, Any]:
        return {"process": process, **event}

    return add


def _renderer(settings: Settings) -> Processor:
    if settings.log_format == "console":
        # its own choice shows the local variables of every frame: personal data that the redaction cannot know
        return structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.processors.JSONRenderer(default=str)
