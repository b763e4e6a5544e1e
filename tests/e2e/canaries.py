"""Planted people, and the search for them in everything that the hub leaves behind."""

import base64
import copy
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToJson
from temporalio.client import Client

PAYLOAD = re.compile(r'"data": "([A-Za-z0-9+/=]+)"')


def person(number: int) -> dict[str, str]:
    """Invented, and unlike anything else in the installation."""
    return {
        "first_name": f"Zyxwanda{number}",
        "last_name": f"Quillfêather{number}",
        "email": f"zyx.quill{number}@example.com",
        "phone": f"+1 555 0199{number:03}",
        "address1": f"{number}77 Canarybird Lane",
        "city": f"Quillborough{number}",
    }


def planted(body: dict[str, Any], who: dict[str, str]) -> dict[str, Any]:
    """The order, bought by this person."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(each) for each in value]
        if not isinstance(value, dict):
            return value
        known = {key: who[key] if key in who and inner else walk(inner) for key, inner in value.items()}
        return known | ({"name": f"{who['first_name']} {who['last_name']}"} if "last_name" in known else {})

    placed: dict[str, Any] = walk(copy.deepcopy(body))
    placed["contact_email"] = who["email"]
    placed["note"] = f"for {who['first_name']}, ring at {who['address1']}"
    placed["customer"] = placed["customer"] | {"id": int(who["phone"][-3:]) + 880_000}
    return placed


def forms(canary: str) -> set[bytes]:
    """How a text may be written down, without regard to case."""
    return {
        form.lower()
        for form in (
            canary.encode(),
            canary.encode("utf-16-le"),
            json.dumps(canary)[1:-1].encode(),
            canary.replace(" ", "").encode(),
            base64.b64encode(canary.encode()),
        )
    }


def found(haystacks: Iterable[tuple[str, bytes]], people: Iterable[dict[str, str]]) -> set[tuple[str, str]]:
    """Where which canary was found."""
    wanted = [(canary, forms(canary)) for who in people for canary in who.values()]
    return {
        (place, canary)
        for place, haystack in ((place, text.lower()) for place, text in haystacks)
        for canary, spellings in wanted
        if any(form in haystack for form in spellings)
    }


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything in the installation's folder: databases with their write-ahead logs, logs, run files."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


async def histories(client: Client) -> list[tuple[str, bytes]]:
    """Every run as the Temporal UI would show it: events, memo, search attributes, with payloads decoded."""
    told = []
    async for run in client.list_workflows():
        handle = client.get_workflow_handle(run.id, run_id=run.run_id)
        events = (await handle.fetch_history()).to_json()
        described = MessageToJson((await handle.describe()).raw_description)
        payloads = [base64.b64decode(data) for data in PAYLOAD.findall(events + described)]
        told.append((f"history of {run.id}", b"\n".join([events.encode(), described.encode(), *payloads])))
    return told
