"""The whole drill: the bad day, the control arms, the report and the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from bench import report
from bench.drill.controls import controls
from bench.drill.day import bad_day
from bench.drill.returns import returns_day
from bench.drill.stock import stock_day
from runtime.apart import apart

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from bench.drill.plan import Plan
    from bench.drill.scorecard import Check
    from runtime.settings import Settings


async def drill(settings: Settings, plan: Plan, say: Callable[[str], None], console: Console) -> tuple[bool, Path]:
    """Whether every invariant held and every control arm failed as it must, and where the report is."""
    say(f"seed {plan.seed}: {plan.orders} orders in {plan.seconds:.0f} s, blows: {', '.join(plan.blows)}")
    score = await bad_day(settings, plan, say)
    figures, sound = await returns_day(apart(settings.var / "returns"), plan.returns, say)
    metrics = score.metrics | figures
    checks = score.checks | sound | await controls(settings.var / "controls", say)
    path = report.write(settings.var, metrics=metrics, checks=checks, items=score.items, seed=plan.seed)
    _show(console, metrics, checks)
    return all(ok for ok, _ in checks.values()), path


def _show(console: Console, metrics: dict[str, float], checks: dict[str, Check]) -> None:
    table = Table(title="Scorecard")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in metrics.items():
        table.add_row(name.replace("_", " "), f"{value:g}")
    console.print(table)
    for name, (ok, detail) in checks.items():
        mark = "[green]✓[/]" if ok else "[bold red]✗[/]"
        shown = detail if name.startswith("control_") or not ok else ""
        console.print(f"{mark} {name.replace('_', ' ')}  [dim]{shown}[/]", highlight=False, soft_wrap=True)
