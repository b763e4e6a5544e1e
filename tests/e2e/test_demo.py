"""The demo as a newcomer runs it, and with the platform's own samples."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
COMMAND = [sys.executable, "-c", "from cli.main import run; run()", "demo"]
PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = Path(os.environ.get("TUTTI_CONTRACTS", PROJECT.parent / "shared" / "contracts")) / "shopify" / "samples"


def demo(folder: Path, **environ: str) -> tuple[int, str, dict[str, Any]]:
    """Run it to its end; its exit code, its output and its report."""
    with (folder / "output").open("w") as output:
        done = subprocess.run(
            COMMAND,
            env=os.environ | {"TUTTI_VAR": str(folder)} | environ,
            cwd=PROJECT,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=280,
            check=False,
        )
    said, report = (folder / "output").read_text(), folder / "demo" / "report.json"
    assert report.exists(), said
    return done.returncode, said, json.loads(report.read_text())


def test_the_demo_ends_by_itself_with_every_order_told(tmp_path):
    code, said, report = demo(tmp_path)

    assert code == 0, said
    assert {name for name, check in report["checks"].items() if not check["ok"]} == set()
    assert report["metrics"]["orders"] == len(report["items"]) >= 20
    assert all(item["outcome"] for item in report["items"])
    assert {"fulfilled", "canceled", "nothing_to_ship"} <= {item["outcome"] for item in report["items"]}
    assert report["stock"]["before"] != report["stock"]["after"]
    assert {"exception_visible_ms", "exception_closed_ms", "order_resumed_ms"} <= report["metrics"].keys()
    assert "/namespaces/default/workflows/order-routing%2F<order>" in said


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"Shopify's own samples are not at {SAMPLES} (TUTTI_CONTRACTS)")
def test_every_official_sample_ends_in_a_named_outcome(tmp_path):
    code, said, report = demo(tmp_path, TUTTI_SAMPLES=str(SAMPLES))

    assert code == 0, said
    assert "unreadable" not in said
    assert report["metrics"]["orders"] > 0
    assert all(item["outcome"] for item in report["items"])
