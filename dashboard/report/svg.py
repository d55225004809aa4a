"""Small charts as SVG text: histograms, rates with intervals, points with ranges; no script, no font."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from dashboard.charts import INK, OTHER, QUIET, SERIES
from dashboard.views.numbers import figure
from dashboard.views.plain import one_line

WIDTH = 480
_LEFT, _RIGHT, _LINE = 172, 62, 24


class Ranged(NamedTuple):
    """One line of a chart: its name, a value with its range, how the value is written, its colour."""

    name: str
    low: float
    value: float
    high: float
    written: str
    colour: str = SERIES[0]


def histogram(title: str, labels: Sequence[str], shares: Mapping[str, Sequence[float]]) -> str:
    """Shares of rows in bins, one stepped outline a set; the y axis is in per cent."""
    height, top, bottom, left = 240, 44, 44, 48
    inner, tall = WIDTH - left - 12, height - top - bottom
    highest = max((max(values, default=0.0) for values in shares.values()), default=0.0) or 1.0
    step = inner / max(len(labels), 1)
    parts = [
        _grid(left, top + tall * (1 - mark), WIDTH - 12, f"{100 * mark * highest:.0f} %")
        for mark in (0, 0.5, 1)
    ]
    for place, (name, values) in enumerate(shares.items()):
        colour = SERIES[place % len(SERIES)]
        points = [f"M{left:.1f} {top + tall:.1f}"]
        for n, share in enumerate(values):
            level = top + tall * (1 - share / highest)
            points.append(f"L{left + n * step:.1f} {level:.1f} L{left + (n + 1) * step:.1f} {level:.1f}")
        points.append(f"L{left + len(values) * step:.1f} {top + tall:.1f}")
        parts.append(
            f'<path d="{" ".join(points)}" fill="{colour}" fill-opacity="0.12" stroke="{colour}" '
            'stroke-width="1.8"/>'
        )
        parts.append(_text(left + place * 190, 34, name, colour=colour, anchor="start"))
    every = -(-len(labels) // 7)
    for n, label in enumerate(labels):
        if n % every == 0:
            parts.append(
                _text(left + (n + 0.5) * step, top + tall + 16, label, colour=QUIET, anchor="middle")
            )
    return _svg(title, height, parts)


def rates(title: str, lines: Sequence[Ranged]) -> str:
    """Lying bars from zero, each with its interval as a thin line; values are shares in [0, 1]."""
    highest = max((line.high for line in lines), default=0.0) or 1.0
    scale = (WIDTH - _LEFT - _RIGHT) / highest
    parts = []
    for n, line in enumerate(lines):
        y = 34 + n * _LINE
        ends = _LEFT + line.low * scale, _LEFT + line.high * scale
        parts += [
            _text(_LEFT - 10, y + 13, line.name, anchor="end"),
            _bar(_LEFT, y + 3, max(line.value * scale, 0.5), line.colour),
            f'<path d="M{ends[0]:.1f} {y + 9.5} H{ends[1]:.1f}" stroke="{INK}" stroke-width="2"/>',
            _text(ends[1] + 8, y + 13, line.written, colour=QUIET, anchor="start"),
        ]
    return _svg(title, 44 + len(lines) * _LINE, parts)


def ranges(title: str, lines: Sequence[Ranged], *, axis: str) -> str:
    """Points with their ranges on one axis that need not begin at zero; `axis` says how it reads."""
    low, high = min(line.low for line in lines), max(line.high for line in lines)
    room = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    # Where nothing is negative, no room is made below zero.
    low, high = max(low - room, 0.0) if low >= 0 else low - room, high + room
    scale = (WIDTH - _LEFT - _RIGHT) / (high - low)
    bottom = 34 + len(lines) * _LINE
    parts = [
        f'<path d="M{_LEFT} {bottom} H{WIDTH - _RIGHT}" stroke="{OTHER}"/>',
        _text(_LEFT, bottom + 16, figure(low), colour=QUIET, anchor="start"),
        _text(WIDTH - _RIGHT, bottom + 16, figure(high), colour=QUIET, anchor="end"),
        _text((_LEFT + WIDTH - _RIGHT) / 2, bottom + 30, axis, colour=QUIET, anchor="middle"),
    ]
    for n, line in enumerate(lines):
        y = 34 + n * _LINE + 10
        a, mean, b = (_LEFT + (value - low) * scale for value in (line.low, line.value, line.high))
        parts += [
            _text(_LEFT - 10, y + 4, line.name, anchor="end"),
            _reach(a, y, b, line.colour),
            f'<circle cx="{mean:.1f}" cy="{y}" r="5" fill="{line.colour}"/>',
            _text(WIDTH - _RIGHT + 8, y + 4, line.written, colour=QUIET, anchor="start"),
        ]
    return _svg(title, bottom + 38, parts)


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    shown = escape(one_line(title))
    heading = _text(0, 16, title, anchor="start", weight=600)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{shown}" '
        'xmlns="http://www.w3.org/2000/svg" '
        f'font-family="system-ui, sans-serif" font-size="12">{heading}{"".join(parts)}</svg>'
    )


def _text(
    x: float, y: float, text: str, *, colour: str = INK, anchor: str = "start", weight: int = 400
) -> str:
    cut = one_line(text, 24 if anchor == "end" else 64)
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(cut)}</text>"
    )


def _bar(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width:.1f}" height="13" fill="{colour}" fill-opacity="0.75"/>'


def _reach(a: float, y: float, b: float, colour: str) -> str:
    return f'<path d="M{a:.1f} {y} H{b:.1f}" stroke="{colour}" stroke-width="6" stroke-opacity="0.35"/>'


def _grid(left: float, y: float, right: float, label: str) -> str:
    return f'<path d="M{left} {y:.1f} H{right}" stroke="#E3E6E8"/>' + _text(
        left - 6, y + 4, label, colour=QUIET, anchor="end"
    )
