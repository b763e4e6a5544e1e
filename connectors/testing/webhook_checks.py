"""Webhooks: who signed them, which event they are, and what a connector makes of broken ones."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from connectors.contract import Surroundings
from connectors.errors import ForgedDeliveryError, UnreadableError
from connectors.testing.scene import assert_discreet, secrets_of
from connectors.testing.subject import SignedWebhook, Subject

STRANGE: tuple[Any, ...] = (None, "", "text", -1, 1e308, True, [], {}, [None])
DEEPEST = 4


@asynccontextmanager
async def _receiver(subject: Subject) -> AsyncIterator[tuple[Any, SignedWebhook, tuple[str, ...]] | None]:
    async with subject.stage() as stage:
        if stage.webhook is None:
            yield None
            return
        config = subject.connector.Config.model_validate(stage.config)
        around = Surroundings(connection_id="certification", transport=stage.transport)
        connector = subject.connector.open(config, around)
        yield connector, stage.webhook, (*secrets_of(config), *stage.personal)
        await connector.close()


def _accepts(connector: Any, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        connector.verify(connector.identify(headers, body))
    except ForgedDeliveryError:
        return False
    except Exception as crash:
        raise AssertionError(f"verify crashed with {type(crash).__name__}") from crash
    return True


async def current_and_previous_secret_are_accepted(subject: Subject) -> None:
    """While a secret is being replaced, platforms sign with the old one for a while."""
    async with _receiver(subject) as given:
        if given is None:
            return
        connector, webhook, _ = given
        for name in ("current_secret", "previous_secret"):
            headers = webhook.sign(getattr(webhook, name), webhook.body)
            assert _accepts(connector, headers, webhook.body), f"the {name} is refused"


async def forged_deliveries_are_refused(subject: Subject) -> None:
    """Another secret, another body, no or nonsensical signature."""
    async with _receiver(subject) as given:
        if given is None:
            return
        connector, webhook, _ = given
        good = webhook.sign(webhook.current_secret, webhook.body)
        forged: list[tuple[Mapping[str, str], bytes]] = [
            (webhook.sign(webhook.other_secret, webhook.body), webhook.body),
            (good, webhook.body + b" "),
            (good, b""),
            ({}, webhook.body),
            ({name: value + "x" for name, value in good.items()}, webhook.body),
            (dict.fromkeys(good, ""), webhook.body),
        ]
        for headers, body in forged:
            assert not _accepts(connector, headers, body), f"accepted a forged delivery with headers {sorted(headers)}"


async def deliveries_keep_their_identity(subject: Subject) -> None:
    """A retry is the same event, another event is another, and headers that are missing do not crash."""
    async with _receiver(subject) as given:
        if given is None:
            return
        connector, webhook, _ = given
        headers = webhook.sign(webhook.current_secret, webhook.body)
        first, retried = (connector.identify(headers, webhook.body) for _ in range(2))
        assert first.topic == webhook.topic, f"the topic became {first.topic!r}"
        assert first.event_id, "an event without an id cannot be recognized when it comes again"
        assert first.event_id == retried.event_id, "a retry looks like another event"
        bare, other = connector.identify({}, b"{}"), connector.identify({}, b"[]")
        assert bare.event_id != other.event_id, "events without an id look the same"


async def mangled_bodies_are_named_not_crashed_on(subject: Subject) -> None:
    """Every part of a good body is taken away or replaced: news, nothing, or UnreadableError that names the field."""
    async with _receiver(subject) as given:
        if given is None:
            return
        connector, webhook, hidden = given
        assert connector.read(webhook.topic, webhook.body), "the sample webhook says nothing"
        assert connector.read("no.such.topic", webhook.body) is None, "an unknown topic must be told as unknown"
        for body in (b"", b"\xff", b"[" * 50_000, b"<html>"):
            assert _unreadable(connector, webhook.topic, body), f"{body[:20]!r} was read"
        for mangled in _mangled(json.loads(webhook.body)):
            if failure := _unreadable(connector, webhook.topic, json.dumps(mangled).encode()):
                assert_discreet(failure, hidden)
                assert failure.field, f"unreadable, but where? {failure.engineer}"


def _unreadable(connector: Any, topic: str, body: bytes) -> UnreadableError | None:
    try:
        connector.read(topic, body)
    except UnreadableError as failure:
        return failure
    except Exception as crash:
        raise AssertionError(f"read crashed with {type(crash).__name__} on {body[:80]!r}") from crash
    return None


def _mangled(value: Any, depth: int = 0) -> Iterator[Any]:
    """Copies of a JSON value with one place removed or replaced."""
    yield from STRANGE
    if depth == DEEPEST:
        return
    if isinstance(value, dict):
        for key, part in value.items():
            yield {name: kept for name, kept in value.items() if name != key}
            for changed in _mangled(part, depth + 1):
                yield value | {key: changed}
    elif isinstance(value, list) and value:
        for changed in _mangled(value[0], depth + 1):
            yield [changed, *value[1:]]
