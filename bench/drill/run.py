"""The whole drill: the bad day, the control arms, the report and the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from bench import report
from bench.drill.controls import ARMS, controls
from bench.drill.day import bad_day
from bench.drill.returns import returns_day
from bench.drill.stock import stock_day
from bench.drill.stock_controls import STOCK_ARMS
from runtime.apart import apart

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from bench.drill.plan import Plan
    from bench.drill.scorecard import Check
    from runtime.settings import Settings


async def drill(
    settings: Settings, plan: Plan, say: Callable[[str], None], console: Console, *, only_stock: bool = False
) -> tuple[bool, Path]:
    """Whether every invariant held and every control arm failed as it must, and where the report is."""
    if only_stock:
        figures, sound = await stock_day(settings, plan, say)
        arms = await controls(settings.var / "controls", say, STOCK_ARMS)
        return _told(settings, plan, console, figures, sound | arms, [])
    say(f"seed {plan.seed}: {plan.orders} orders in {plan.seconds:.0f} s, blows: {', '.join(plan.blows)}")
    score = await bad_day(settings, plan, say)
    figures, sound = await returns_day(apart(settings.var / "returns"), plan.returns, say)
    moved, right = await stock_day(apart(settings.var / "stock"), plan, say)
    arms = await controls(settings.var / "controls", say, ARMS | STOCK_ARMS)
    metrics, checks = score.metrics | figures | moved, score.checks | sound | right | arms
    return _told(settings, plan, console, metrics, checks, score.items)


def _told(
    settings: Settings,
    plan: Plan,
    console: Console,
    metrics: dict[str, float],
    checks: dict[str, Check],
    items: list[dict[str, Any]],
) -> tuple[bool, Path]:
    path = report.write(settings.var, metrics=metrics, checks=checks, items=items, seed=plan.seed)
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
