"""Charts without two plain axes: rings, descent, profiles, matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.charts import HEAT, INK, OTHER, QUIET, SERIES, Option


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
                        "label": {
                            **plain,
                            "rotate": "tangential",
                            "color": "#FFFFFF",
                            "fontSize": 12,
                            "minAngle": 40,
                        },
                    },
                    {
                        "r0": "36%",
                        "r": "78%",
                        "label": {**plain, "color": INK, "fontSize": 10, "minAngle": 9, "width": 74},
                    },
                    {
                        "r0": "78%",
                        "r": "84%",
                        "label": {"show": False},
                    },
                ],
                "emphasis": {"focus": "ancestor"},
                "animationDuration": 300,
            }
        ],
    }


def two_rings(heading: Option, nodes: Sequence[Mapping[str, Any]]) -> Option:
    """A sunburst of many narrow arcs: two rings, names along the radius wherever they fit."""
    option = sunburst(heading, nodes)
    radial = {"rotate": "radial", "overflow": "truncate", "textBorderWidth": 0}
    option["series"][0]["levels"] = [
        {},
        {
            "r0": "11%",
            "r": "46%",
            "label": {**radial, "color": "#FFFFFF", "fontSize": 11, "minAngle": 5, "width": 84},
        },
        {
            "r0": "46%",
            "r": "86%",
            "label": {**radial, "color": INK, "fontSize": 10, "minAngle": 3, "width": 88},
        },
    ]
    return option


def descent(
    heading: Option, nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]
) -> Option:
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
                    {
                        "coords": edge["coords"],
                        "lineStyle": {"type": "solid" if edge["declared"] else "dashed"},
                    }
                    for edge in edges
                ],
            },
        ],
        "animationDuration": 300,
    }


def parallel(
    heading: Option, axes: Sequence[Mapping[str, Any]], lines: Mapping[str, Sequence[float | None]]
) -> Option:
    """One line a dataset through all metrics; each axis has its own scale.

    Each of `axes` carries `name`, `low` and `high`; they lie one under the other: names stay readable.
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


def heatmap(
    heading: Option,
    names: Sequence[str],
    cells: Sequence[tuple[int, int, float]],
    *,
    columns: Sequence[str] | None = None,
    least: float = 0.01,
) -> Option:
    """Shares in per cent: (column, row, share in [0, 1]); without `columns` over all pairs of `names`.

    Shares above 0 and from `least` on stand in their cells as numbers.
    """
    data = [
        {
            "value": [x, y, round(100 * share, 2)],
            "label": {
                "show": 0 < share >= least,
                "formatter": f"{100 * share:.0f}" if share >= 0.01 else "<1",
            },
        }
        for x, y, share in cells
    ]
    labels = {"fontSize": 11, "width": 150, "overflow": "truncate", "hideOverlap": False, "interval": 0}
    side = {"type": "category", "data": list(names), "axisTick": {"show": False}, "axisLine": {"show": False}}
    return {
        "title": heading,
        "tooltip": {"trigger": "item", "confine": True, "formatter": "{@[2]} %"},
        "grid": {"left": 8, "right": 8, "top": 64, "bottom": 52, "containLabel": True},
        "xAxis": {
            **side,
            "data": list(columns or names),
            "axisLabel": {**labels, "rotate": 50},
            "splitArea": {"show": False},
        },
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
