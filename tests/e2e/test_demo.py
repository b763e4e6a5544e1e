"""The demo as a newcomer runs it, and with the platform's own samples."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.server, pytest.mark.timeout(200)]
COMMAND = [sys.executable, "-c", "from cli.main import run; run()", "demo"]
PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = Path(os.environ.get("TUTTI_CONTRACTS", PROJECT.parent / "shared" / "contracts")) / "shopify" / "samples"


def demo(folder: Path, **environ: str) -> tuple[subprocess.CompletedProcess[str], dict]:
    """Run it to its end; its output and its report."""
    with (folder / "output").open("w+") as output:
        done = subprocess.run(
            COMMAND,
            env=os.environ | {"TUTTI_VAR": str(folder)} | environ,
            cwd=PROJECT,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=170,
            check=False,
        )
        output.seek(0)
        done.stdout = output.read()
    return done, json.loads((folder / "demo" / "report.json").read_text())


def test_the_demo_ends_by_itself_with_every_order_told(tmp_path):
    done, report = demo(tmp_path)

    assert done.returncode == 0, done.stdout[-3000:]
    assert {name for name, check in report["checks"].items() if not check["ok"]} == set()
    assert report["metrics"]["orders"] == len(report["items"]) >= 20
    assert all(item["outcome"] for item in report["items"])
    assert {"fulfilled", "canceled", "nothing_to_ship"} <= {item["outcome"] for item in report["items"]}
    assert report["stock"]["before"] != report["stock"]["after"]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"Shopify's own samples are not at {SAMPLES} (TUTTI_CONTRACTS)")
def test_every_official_sample_ends_in_a_named_outcome(tmp_path):
    done, report = demo(tmp_path, TUTTI_SAMPLES=str(SAMPLES))

    assert done.returncode == 0, done.stdout[-3000:]
    assert "unreadable" not in done.stdout
    assert report["metrics"]["orders"] > 0
    assert all(item["outcome"] for item in report["items"])
