"""Charts of figures over time or by name, in the page's own colors, with the figures as text for a screen reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nicegui import ui

from console.parts.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLORS = ("#4a86d8", "#2f9e6b", "#d08a1d", "#c9524c", "#8b6fc9", "#6d7b8a")
INK = "#7c8896"
"""Read on both grounds."""


def chart(
    label: str,
    axis: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    *,
    kind: Literal["line", "bar"] = "line",
    stacked: bool = False,
    over_time: bool = False,
    height: int = 200,
    unit: str = "",
) -> ui.echart:
    """`axis` names the points, `series` their values by name; `label` says what it shows.

    `over_time`: the axis holds ISO instants, and is drawn in the viewer's own zone.
    """
    options = _options(axis, series, kind=kind, stacked=stacked, unit=unit)
    if over_time:
        options["xAxis"] |= {"type": "time", "data": None}
        options["series"] = [one | {"data": _points(axis, one["data"])} for one in options["series"]]
    drawn = ui.echart(options, renderer="svg")
    drawn.style(f"height: {height}px; width: 100%").props["role"] = "img"
    drawn.props["aria-label"] = f"{label}. " + "; ".join(
        f"{name}: latest {values[-1] if values else 'none'}{unit}" for name, values in series.items()
    )
    return drawn


def redraw(drawn: ui.echart, axis: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> None:
    """Other figures in the same chart."""
    over_time = drawn.options["xAxis"]["type"] == "time"
    if not over_time:
        drawn.options["xAxis"]["data"] = list(axis)
    for one, values in zip(drawn.options["series"], series.values(), strict=True):
        one["data"] = _points(axis, values) if over_time else list(values)
    drawn.update()


def _points(axis: Sequence[str], values: Sequence[float | None]) -> list[tuple[str, float | None]]:
    return list(zip(axis, values, strict=True))


def figure(label: str, value: object, *, href: str = "", note: str = "") -> None:
    """One number that stands for itself, within an element of class `figures`."""
    with (ui.link(target=href) if href else ui.element("div")).classes("figure"):
        Text("span", label, "muted small")
        Text("span", value, "figure-value")
        if note:
            Text("span", note, "muted small")


def _options(
    axis: Sequence[str], series: Mapping[str, Sequence[float | None]], *, kind: str, stacked: bool, unit: str
) -> dict[str, Any]:
    line = {"lineStyle": {"color": INK, "opacity": 0.25}}
    look = {"areaStyle": {"opacity": 0.12}, "showSymbol": False} if kind == "line" else {"barMaxWidth": 22}
    return {
        "color": list(COLORS),
        "animation": False,
        "grid": {"left": 4, "right": 8, "top": 28 if len(series) > 1 else 10, "bottom": 10, "containLabel": True},
        "legend": {"show": len(series) > 1, "top": 0, "left": 0, "icon": "roundRect", "itemWidth": 10, "itemHeight": 10,
                   "textStyle": {"color": INK}},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(axis), "axisLabel": {"color": INK}, "axisLine": line,
                  "axisTick": {"show": False}},
        "yAxis": {"type": "value", "minInterval": 1, "axisLabel": {"color": INK, "formatter": f"{{value}}{unit}"},
                  "splitLine": line},
        "series": [
            {"name": name, "type": kind, "data": list(values), "stack": "all" if stacked else None, **look}
            for name, values in series.items()
        ],
    }  # fmt: skip
