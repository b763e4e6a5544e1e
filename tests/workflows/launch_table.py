"""The failure matrix of launches as a table that people read: var/launch-matrix.md, named at the end of a test run."""

import json
from pathlib import Path
from typing import Any

VAR = Path(__file__).parents[2] / "var"
MATRIX, KILLS, TABLE = VAR / "launch-matrix.json", VAR / "launch-kills.json", VAR / "launch-matrix.md"


def write_table() -> Path:
    """From what the matrix and the kills have left behind; one line per channel and step."""
    rows = [one for path in (MATRIX, KILLS) if path.exists() for one in json.loads(path.read_text())]
    faults = list(dict.fromkeys(row["cell"][2] for row in rows))
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        channel, step, fault = row["cell"]
        cells.setdefault((channel, step), {})[fault] = _said(row)
    lines = [f"| channel | step | {' | '.join(faults)} |", f"|{'---|' * (len(faults) + 2)}"]
    for (channel, step), said in cells.items():
        lines.append(f"| {channel} | {step} | {' | '.join(said.get(fault, '') for fault in faults)} |")
    head = "# What a launch leaves behind\n\nA fault on one channel at one step; the outcome, and what the platforms themselves show then.\n\n"
    TABLE.write_text(head + "\n".join(lines) + "\n")
    return TABLE


def _said(row: dict[str, Any]) -> str:
    states = sorted({str(state) for state in row["shown"].values()})
    words = {"True": "all live", "public": "all live", "False": "all as before", "absent": "all as before"}
    return f"{row['outcome']}: {words.get(states[0], states[0]) if len(states) == 1 else 'MIXED ' + str(row['shown'])}"
