"""Colours, titles and axes of every chart; options are plain JSON for Apache ECharts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

Option = dict[str, Any]

# Softened from the Okabe-Ito palette, which people with colour-blindness can tell apart.
SERIES: tuple[str, ...] = ("#3D6FB4", "#E08A3C", "#3A9C83", "#B3568C", "#7A6FBE", "#8C8577")
CATEGORY: Mapping[str, str] = MappingProxyType(
    {"human-crafted": "#3D6FB4", "distillation": "#E08A3C", "self-improvement": "#3A9C83"}
)
SEVERITY: Mapping[str, str] = MappingProxyType({"error": "#C2483D", "warn": "#E08A3C", "info": "#8C95A0"})
OTHER = "#A9B0B8"
QUIET = "#8C95A0"
INK = "#1F2A37"
HEAT: tuple[str, ...] = ("#F3F5F7", "#C9D9EC", "#8FB2DA", "#4F84BF", "#28568C", "#173A63")

_GRID = {"left": 8, "right": 16, "top": 56, "bottom": 8, "containLabel": True}


def tint(colour: str, white: float) -> str:
    """`colour` (#RRGGBB) mixed with so much white, from 0 to 1.

    >>> tint("#000000", 0.5)
    '#808080'
    """
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * white):02X}" for part in parts)


def title(text: str, subtext: str = "") -> Option:
    """A left-aligned chart title; `subtext` names unit and number of rows."""
    return {
        "text": text,
        "subtext": subtext,
        "left": 0,
        "top": 4,
        "itemGap": 4,
        "textStyle": {"fontSize": 14, "fontWeight": 600, "lineHeight": 18},
        "subtextStyle": {"fontSize": 12, "color": QUIET},
    }


def axis(kind: str, name: str = "", **more: Any) -> Option:
    """An axis with a quiet grid and its title in the middle."""
    named = {"name": name, "nameLocation": "middle", "nameGap": 28, "nameTextStyle": {"color": QUIET}}
    return {"type": kind, **(named if name else {}), **more}


def frame(heading: Option, *, legend: Sequence[str] = (), **more: Any) -> Option:
    """What every chart on two axes has: title, grid, tooltip, a legend where there are several series."""
    grid = {**_GRID, "top": 84 if legend else 56, "bottom": 28}
    shown = {"legend": {"data": list(legend), "top": 44, "left": 0, "type": "scroll", "itemHeight": 10}}
    return {
        "title": heading,
        "grid": grid,
        "tooltip": {"trigger": "item", "confine": True},
        "animationDuration": 300,
        **(shown if legend else {}),
        **more,
    }


def category_bars(
    heading: Option, labels: Sequence[str], stacks: Mapping[str, Sequence[int]], *, x_name: str, y_name: str
) -> Option:
    """Upright bars, one a label, stacked by construction category in its own colour."""
    series = [
        {
            "type": "bar",
            "name": name,
            "stack": "all",
            "data": list(counts),
            "itemStyle": {"color": CATEGORY.get(name, OTHER)},
            "barCategoryGap": "25%",
        }
        for name, counts in stacks.items()
    ]
    return frame(
        heading,
        grid={**_GRID, "bottom": 24, "left": 16},
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        xAxis=axis("category", x_name, data=list(labels), axisTick={"show": False}),
        yAxis=axis("value", y_name, splitNumber=3, nameGap=36),
        series=series,
    )


def distribution_lines(
    heading: Option, labels: Sequence[str], shares: Mapping[str, Sequence[float]], *, x_name: str
) -> Option:
    """One filled step line a dataset: share of its rows in each bin, in per cent."""
    many = len(shares) > 1
    series = [
        {
            "type": "line" if many else "bar",
            "name": name,
            "data": [round(100 * share, 3) for share in values],
            "step": "middle",
            "showSymbol": False,
            "areaStyle": {"opacity": 0.10},
            "lineStyle": {"width": 2},
            "barCategoryGap": "8%",
            "itemStyle": {"color": SERIES[place % len(SERIES)]},
        }
        for place, (name, values) in enumerate(shares.items())
    ]
    return frame(
        heading,
        legend=tuple(shares) if many else (),
        tooltip={"trigger": "axis", "confine": True, "valueFormatter": "%.1f %%"},
        xAxis=axis("category", x_name, data=list(labels), axisTick={"show": False}, boundaryGap=not many),
        yAxis=axis("value", "", axisLabel={"formatter": "{value} %"}, splitNumber=3),
        series=series,
    )


def interval_bars(
    heading: Option,
    names: Sequence[str],
    values: Sequence[tuple[float, float, float]],
    colours: Sequence[str],
) -> Option:
    """Lying bars of rates in per cent, each with its 95 % interval as a thin line.

    `values` are (low, rate, high) in [0, 1].
    """
    low, rate, high = ([round(100 * v[i], 4) for v in values] for i in range(3))
    thin = {
        "type": "bar",
        "stack": "interval",
        "barWidth": 3,
        "silent": True,
        "yAxisIndex": 1,
        "tooltip": {"show": False},
    }
    hidden: Option = {"show": False, "inverse": True, "data": list(names)}
    return frame(
        heading,
        tooltip={"trigger": "item", "confine": True, "valueFormatter": "%.2f %%"},
        xAxis=axis("value", "", axisLabel={"formatter": "{value} %"}, splitNumber=4),
        yAxis=[
            axis(
                "category", data=list(names), inverse=True, axisTick={"show": False}, axisLine={"show": False}
            ),
            axis("category", **hidden),
        ],
        series=[
            {
                "type": "bar",
                "name": "rate",
                "barWidth": "58%",
                "data": [
                    {"value": v, "itemStyle": {"color": c, "opacity": 0.75}}
                    for v, c in zip(rate, colours, strict=True)
                ],
            },
            {**thin, "name": "from", "data": low, "itemStyle": {"color": "transparent"}},
            {
                **thin,
                "name": "to",
                "data": [b - a for a, b in zip(low, high, strict=True)],
                "itemStyle": {"color": "#3A4552"},
            },
        ],
    )


def interval_points(
    heading: Option, names: Sequence[str], values: Sequence[tuple[float, float, float]], *, x_name: str
) -> Option:
    """A point a name with its range as a line, all on one axis that need not start at zero.

    `values` are (low, value, high); the last name is the random draw everything is read against, in grey.
    """
    colours = [*(SERIES[n % len(SERIES)] for n in range(len(names) - 1)), QUIET]
    low, high = min(v[0] for v in values), max(v[2] for v in values)
    room = (high - low) * 0.08 or abs(high) * 0.05 or 1.0
    ends = {"min": float(f"{low - room:.4g}"), "max": float(f"{high + room:.4g}")}
    return frame(
        heading,
        xAxis=axis(
            "value", x_name, splitNumber=4, axisLabel={"showMinLabel": False, "showMaxLabel": False}, **ends
        ),
        yAxis=axis(
            "category", data=list(names), inverse=True, axisTick={"show": False}, axisLine={"show": False}
        ),
        series=[
            {
                "type": "lines",
                "coordinateSystem": "cartesian2d",
                "silent": True,
                "lineStyle": {"width": 6, "opacity": 0.35},
                "data": [
                    {"coords": [[v[0], n], [v[2], n]], "lineStyle": {"color": colour}}
                    for n, (v, colour) in enumerate(zip(values, colours, strict=True))
                ],
            },
            {
                "type": "scatter",
                "symbolSize": 11,
                "data": [
                    {"value": [v[1], n], "name": name, "itemStyle": {"color": colour}}
                    for n, (name, v, colour) in enumerate(zip(names, values, colours, strict=True))
                ],
            },
        ],
    )


def share_bars(
    heading: Option, names: Sequence[str], shares: Sequence[float], *, colour: str = SERIES[0]
) -> Option:
    """Lying bars of shares in per cent, one a name."""
    return frame(
        heading,
        tooltip={"trigger": "item", "confine": True, "valueFormatter": "%.1f %%"},
        xAxis=axis("value", "", axisLabel={"formatter": "{value} %"}, splitNumber=4),
        yAxis=axis(
            "category", data=list(names), inverse=True, axisTick={"show": False}, axisLine={"show": False}
        ),
        series=[
            {
                "type": "bar",
                "data": [round(100 * share, 3) for share in shares],
                "itemStyle": {"color": colour, "opacity": 0.85},
                "barWidth": "58%",
            }
        ],
    )


def paired_bars(heading: Option, names: Sequence[str], pairs: Mapping[str, Sequence[float]]) -> Option:
    """Lying bars in per cent, one a series and name, side by side."""
    series = [
        {
            "type": "bar",
            "name": name,
            "data": [round(100 * share, 2) for share in shares],
            "itemStyle": {"color": OTHER if place == 0 else SERIES[0]},
            "barGap": "10%",
            "barCategoryGap": "32%",
        }
        for place, (name, shares) in enumerate(pairs.items())
    ]
    return frame(
        heading,
        legend=tuple(pairs),
        tooltip={
            "trigger": "axis",
            "axisPointer": {"type": "shadow"},
            "confine": True,
            "valueFormatter": "%.1f %%",
        },
        xAxis=axis("value", "", axisLabel={"formatter": "{value} %"}, splitNumber=4),
        yAxis=axis(
            "category", data=list(names), inverse=True, axisTick={"show": False}, axisLine={"show": False}
        ),
        series=series,
    )
