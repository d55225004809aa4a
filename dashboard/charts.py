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
HEAT: tuple[str, ...] = ("#F3F5F7", "#C9D9EC", "#8FB2DA", "#4F84BF", "#28568C", "#173A63")

_GRID = {"left": 8, "right": 16, "top": 56, "bottom": 8, "containLabel": True}


def title(text: str, subtext: str = "") -> Option:
    """A left-aligned chart title; `subtext` names unit and number of rows."""
    return {
        "text": text,
        "subtext": subtext,
        "left": 0,
        "top": 0,
        "itemGap": 4,
        "textStyle": {"fontSize": 14, "fontWeight": 600},
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


def sunburst(heading: Option, nodes: Sequence[Mapping[str, Any]]) -> Option:
    """Three rings from the inside out; each node carries `name`, its colour and `value` or `children`."""
    ring = {"borderColor": "#FFFFFF", "borderWidth": 1}
    plain = {"textBorderWidth": 0, "overflow": "truncate"}
    return {
        "title": heading,
        "tooltip": {"trigger": "item", "confine": True},
        "series": [
            {
                "type": "sunburst",
                "data": list(nodes),
                "radius": ["11%", "84%"],
                "center": ["50%", "57%"],
                "nodeClick": False,
                "selectedMode": "single",
                "sort": None,
                "itemStyle": ring,
                "levels": [
                    {},
                    {
                        "r0": "11%",
                        "r": "36%",
                        "label": {**plain, "rotate": "tangential", "color": "#FFFFFF", "fontSize": 12, "minAngle": 40},
                    },
                    {
                        "r0": "36%",
                        "r": "78%",
                        "itemStyle": {**ring, "opacity": 0.72},
                        "label": {**plain, "color": "#1F2A37", "fontSize": 10, "minAngle": 9, "width": 74},
                    },
                    {"r0": "78%", "r": "84%", "itemStyle": {**ring, "opacity": 0.45}, "label": {"show": False}},
                ],
                "emphasis": {"focus": "ancestor"},
                "animationDuration": 300,
            }
        ],
    }


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


def interval_bars(heading: Option, names: Sequence[str], values: Sequence[tuple[float, float, float]], colours: Sequence[str]) -> Option:
    """Lying bars of rates in per cent, each with its 95 % interval as a thin line.

    `values` are (low, rate, high) in [0, 1].
    """
    low, rate, high = ([round(100 * v[i], 4) for v in values] for i in range(3))
    thin = {"type": "bar", "stack": "interval", "barWidth": 3, "silent": True, "yAxisIndex": 1, "tooltip": {"show": False}}
    hidden = {"show": False, "inverse": True, "data": list(names)}
    return frame(
        heading,
        tooltip={"trigger": "item", "confine": True, "valueFormatter": "%.2f %%"},
        xAxis=axis("value", "", axisLabel={"formatter": "{value} %"}, splitNumber=4),
        yAxis=[
            axis("category", data=list(names), inverse=True, axisTick={"show": False}, axisLine={"show": False}),
            axis("category", **hidden),
        ],
        series=[
            {
                "type": "bar",
                "name": "rate",
                "barWidth": "58%",
                "data": [{"value": v, "itemStyle": {"color": c, "opacity": 0.75}} for v, c in zip(rate, colours, strict=True)],
            },
            {**thin, "name": "from", "data": low, "itemStyle": {"color": "transparent"}},
            {**thin, "name": "to", "data": [b - a for a, b in zip(low, high, strict=True)], "itemStyle": {"color": "#3A4552"}},
        ],
    )


def share_bars(heading: Option, names: Sequence[str], shares: Sequence[float], *, colour: str = SERIES[0]) -> Option:
    """Lying bars of shares in per cent, one a name."""
    return frame(
        heading,
        tooltip={"trigger": "item", "confine": True, "valueFormatter": "%.1f %%"},
        xAxis=axis("value", "", axisLabel={"formatter": "{value} %"}, splitNumber=4),
        yAxis=axis("category", data=list(names), inverse=True, axisTick={"show": False}, axisLine={"show": False}),
        series=[
            {
                "type": "bar",
                "data": [round(100 * share, 3) for share in shares],
                "itemStyle": {"color": colour, "opacity": 0.85},
                "barWidth": "58%",
            }
        ],
    )


def descent(heading: Option, nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> Option:
    """Points at given places (x: generation, y: from the top), joined by arrows from parent to child.

    Points and lines on two hidden axes, so that neither is squeezed when the chart is narrow.
    """
    widest = max((node["x"] for node in nodes), default=0) or 1
    lowest = max((node["y"] for node in nodes), default=0) + 0.5
    hidden = {"type": "value", "show": False, "min": 0}
    return {
        "title": heading,
        "tooltip": {"show": False},
        "grid": {"left": 64, "right": 176, "top": 64, "bottom": 8},
        "xAxis": {**hidden, "max": widest},
        "yAxis": {**hidden, "max": lowest, "inverse": True},
        "series": [
            {
                "type": "scatter",
                "selectedMode": "single",
                "data": [_node(node) for node in nodes],
                "z": 3,
            },
            {
                "type": "lines",
                "coordinateSystem": "cartesian2d",
                "silent": True,
                "symbol": ["none", "arrow"],
                "symbolSize": 6,
                "lineStyle": {"color": OTHER, "width": 1.1, "opacity": 0.8},
                "data": [
                    {"coords": edge["coords"], "lineStyle": {"type": "solid" if edge["declared"] else "dashed"}}
                    for edge in edges
                ],
            },
        ],
        "animationDuration": 300,
    }


def parallel(
    heading: Option, axes: Sequence[Mapping[str, Any]], lines: Mapping[str, Sequence[float | None]]
) -> Option:
    """One line a dataset through all metrics; each axis has its own scale, from its least to its greatest value.

    Each of `axes` carries `name`, `low` and `high`; they lie one under the other, so that names stay readable.
    """
    return {
        "title": heading,
        "legend": {"data": list(lines), "top": 44, "left": 0, "type": "scroll", "itemHeight": 10},
        "tooltip": {"trigger": "item", "confine": True},
        "parallel": {
            "layout": "vertical",
            "left": 168,
            "right": 28,
            "top": 96,
            "bottom": 22,
            "parallelAxisDefault": {
                "nameLocation": "start",
                "nameGap": 12,
                "nameTextStyle": {"fontSize": 12, "align": "right"},
                "axisLine": {"lineStyle": {"color": OTHER}},
                "axisTick": {"show": False},
                "splitNumber": 3,
                "axisLabel": {"color": QUIET, "fontSize": 10, "showMinLabel": False, "showMaxLabel": False},
            },
        },
        "parallelAxis": [
            {"dim": place, "name": axis_["name"], "min": axis_["low"], "max": axis_["high"]}
            for place, axis_ in enumerate(axes)
        ],
        "series": [
            {
                "type": "parallel",
                "name": name,
                "data": [{"value": ["-" if v is None else v for v in values], "name": name}],
                "lineStyle": {"width": 2.5, "opacity": 0.9, "color": SERIES[place % len(SERIES)]},
                "itemStyle": {"color": SERIES[place % len(SERIES)]},
            }
            for place, (name, values) in enumerate(lines.items())
        ],
        "animationDuration": 300,
    }


def heatmap(heading: Option, names: Sequence[str], cells: Sequence[tuple[int, int, float]]) -> Option:
    """Shares in per cent over all pairs of `names`: (column, row, share in [0, 1])."""
    data = [
        {"value": [x, y, round(100 * share, 2)], "label": {"show": share >= 0.01, "formatter": f"{100 * share:.0f}"}}
        for x, y, share in cells
    ]
    labels = {"fontSize": 11, "width": 150, "overflow": "truncate", "hideOverlap": False, "interval": 0}
    side = {"type": "category", "data": list(names), "axisTick": {"show": False}, "axisLine": {"show": False}}
    return {
        "title": heading,
        "tooltip": {"trigger": "item", "confine": True, "formatter": "{@[2]} %"},
        "grid": {"left": 8, "right": 8, "top": 64, "bottom": 52, "containLabel": True},
        "xAxis": {**side, "axisLabel": {**labels, "rotate": 50}, "splitArea": {"show": False}},
        "yAxis": {**side, "inverse": True, "axisLabel": labels},
        "visualMap": {
            "min": 0,
            "max": 100,
            "calculable": False,
            "orient": "horizontal",
            "right": 8,
            "bottom": 4,
            "itemHeight": 120,
            "itemWidth": 12,
            "text": ["100 %", "0 %"],
            "inRange": {"color": list(HEAT)},
        },
        "series": [
            {
                "type": "heatmap",
                "data": data,
                "selectedMode": "single",
                "label": {"fontSize": 10, "textBorderWidth": 0},
                "itemStyle": {"borderColor": "#FFFFFF", "borderWidth": 1},
                "emphasis": {"itemStyle": {"borderColor": "#1F2A37", "borderWidth": 1.5}},
                "select": {"itemStyle": {"borderColor": "#C2483D", "borderWidth": 2}},
            }
        ],
        "animationDuration": 300,
    }


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
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True, "valueFormatter": "%.1f %%"},
        xAxis=axis("value", "", axisLabel={"formatter": "{value} %"}, splitNumber=4),
        yAxis=axis("category", data=list(names), inverse=True, axisTick={"show": False}, axisLine={"show": False}),
        series=series,
    )


def _node(node: Mapping[str, Any]) -> Option:
    is_self = node["is_self"]
    return {
        "name": node["name"],
        "value": [node["x"], node["y"]],
        "symbolSize": 14 if is_self else 9,
        "itemStyle": {"color": node["colour"]},
        "label": {
            "show": True,
            "position": node["label_place"],
            # Braces would be read as a template.
            "formatter": node["label"].replace("{", "(").replace("}", ")"),
            "fontWeight": 700 if is_self else 400,
            "fontSize": 11.5,
            "textBorderWidth": 0,
        },
    }
