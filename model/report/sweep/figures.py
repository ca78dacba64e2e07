"""Pictures as Plotly figures for the page; colours are names of the page's own."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

import numpy as np

from model.report.page.pool import significant
from model.report.sweep.colours import short
from model.report.sweep.pictures import Bars, Fan, Histogram, Picture, Scatter, Swings, in_words, padded

_LEGEND: Final = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
_MARKS: Final = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "star", "x")


def figure_of(picture: Picture) -> tuple[str, dict[str, Any]]:
    """What a picture says in words, and its figure (``data`` and ``layout``)."""
    data, layout = _DRAW[type(picture.drawing)](picture.drawing)
    return f"{picture.title}. {picture.said}", {"data": data, "layout": layout}


def _round(values: Any) -> list[float]:
    return [float(value) for value in significant(np.asarray(values, dtype=np.float64)).tolist()]


def _plain(name: str, most: int = 26) -> str:
    """A user's text: Plotly reads some markup in its texts."""
    return escape(short(name, most), quote=False)


def _in_lines(name: str) -> str:
    """A pair as two lines, so that it can be read on a telephone."""
    return "<br>+ ".join(_plain(part) for part in name.split(" + "))


def _names_axis(names: tuple[str, ...]) -> dict[str, Any]:
    ticks = {"tickvals": list(range(len(names))), "ticktext": [_in_lines(name) for name in names]}
    return {"autorange": "reversed", "showgrid": False, "zeroline": False, **ticks}


def _ranked(names: tuple[str, ...], axis: str, **more: Any) -> dict[str, Any]:
    return {
        "height": 110 + (40 if any(" + " in name for name in names) else 30) * len(names),
        "margin": {"l": 10, "r": 20, "t": 34, "b": 46},
        "yaxis": _names_axis(names),
        "xaxis": {"title": {"text": escape(axis, quote=False)}, "nticks": 6, **more.pop("xaxis", {})},
        "bargap": 0.3,
        **more,
    }


def _bars(drawing: Bars) -> tuple[list[Any], dict[str, Any]]:
    data = []
    for i, series in enumerate(drawing.series):
        trace: dict[str, Any] = {
            "type": "bar",
            "orientation": "h",
            "name": escape(series.name, quote=False),
            "x": _round(series.lengths),
            "y": list(range(len(drawing.names))),
            "marker": {"color": f"--c{i}"},
            "hoverinfo": "text",
            "hovertext": [
                f"{escape(name, quote=False)}: {in_words(value)} {escape(drawing.axis, quote=False)}"
                for name, value in zip(drawing.names, series.lengths, strict=True)
            ],
            "textposition": "none",
        }
        if series.low is not None and series.high is not None:
            values = np.array(series.lengths)
            above, below = np.array(series.high) - values, values - np.array(series.low)
            reach = {"array": _round(np.maximum(above, 0)), "arrayminus": _round(np.maximum(below, 0))}
            trace["error_x"] = {"type": "data", "symmetric": False, "color": "--ink", "thickness": 1, **reach}
        data.append(trace)
    several = len(drawing.series) > 1
    layout = _ranked(drawing.names, drawing.axis, showlegend=several, legend=_LEGEND)
    layout["height"] += 16 * len(drawing.names) * (len(drawing.series) - 1)
    return data, layout


def _swings(drawing: Swings) -> tuple[list[Any], dict[str, Any]]:
    data = [
        _half(drawing, drawing.low, drawing.at_low, {"name": "at its low end", "marker": {"color": "--down"}}),
        _half(drawing, drawing.high, drawing.at_high, {"name": "at its high end", "marker": {"color": "--c0"}}),
    ]
    low, high = padded(np.array([*drawing.low, *drawing.high, drawing.present]))
    room = 0.1 * (high - low)
    at = {"x0": drawing.present, "x1": drawing.present, "y0": 0, "y1": 1}
    line = {"type": "line", "xref": "x", "yref": "paper", **at}
    layout = _ranked(
        drawing.names,
        drawing.axis,
        barmode="overlay",
        showlegend=True,
        legend=_LEGEND,
        shapes=[{**line, "line": {"color": "--ink", "width": 1.5}}],
        xaxis={"range": [low - room, high + room], "zeroline": False},
    )
    return data, layout


def _half(
    drawing: Swings, values: tuple[float, ...], texts: tuple[str, ...], look: Mapping[str, Any]
) -> dict[str, Any]:
    """The bars of one end, from the value of the case as it stands."""
    return {
        **look,
        "type": "bar",
        "orientation": "h",
        "base": _round([drawing.present] * len(values)),
        "x": _round(np.array(values) - drawing.present),
        "y": list(range(len(values))),
        "text": [_plain(text, 14) for text in texts],
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [
            f"{escape(one, quote=False)} {escape(text, quote=False)}: {value:,.0f} {drawing.axis}"
            for one, text, value in zip(drawing.names, texts, values, strict=True)
        ],
    }


def _fan(drawing: Fan) -> tuple[list[Any], dict[str, Any]]:
    low, inner_low, middle, inner_high, high = (_round(row) for row in drawing.quantiles)
    periods = list(drawing.periods)
    common = {"type": "scatter", "mode": "lines", "x": periods, "hoverinfo": "skip"}
    none = {"width": 0}
    data = [
        {**common, "y": low, "line": none, "showlegend": False},
        {**common, "y": high, "line": none, "fill": "tonexty", "fillcolor": "--band", "name": "nine of ten runs"},
        {**common, "y": inner_low, "line": none, "showlegend": False},
        {
            **common,
            "y": inner_high,
            "line": none,
            "fill": "tonexty",
            "fillcolor": "--inner",
            "name": "half of all runs",
        },
        {
            **common,
            "y": middle,
            "line": {"color": "--c0", "width": 2.5},
            "name": "median",
            "hoverinfo": "text",
            "text": [
                f"{escape(period, quote=False)}: median {in_words(at)}, nine of ten {in_words(a)} to {in_words(b)}"
                for period, at, a, b in zip(periods, middle, low, high, strict=True)
            ],
        },
    ]
    layout = {
        "height": 320,
        "margin": {"l": 10, "r": 10, "t": 34, "b": 10},
        "showlegend": True,
        "legend": _LEGEND,
        "hovermode": "x",
        "xaxis": {"type": "category", "nticks": 8},
        "yaxis": {"rangemode": "tozero", "title": {"text": escape(drawing.axis, quote=False)}},
    }
    return data, layout


def _histogram(drawing: Histogram) -> tuple[list[Any], dict[str, Any]]:
    edges = np.array(drawing.edges)
    trace = {
        "type": "bar",
        "x": _round((edges[:-1] + edges[1:]) / 2),
        "width": _round(np.diff(edges) * 0.96),
        "y": list(drawing.counts),
        "marker": {"color": "--c0"},
        "hoverinfo": "text",
        "textposition": "none",
        "hovertext": [
            f"{in_words(low)} to {in_words(high)}: {count} runs"
            for low, high, count in zip(drawing.edges[:-1], drawing.edges[1:], drawing.counts, strict=True)
        ],
    }
    layout = {
        "height": 320,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 46},
        "xaxis": {"title": {"text": drawing.axis}, "nticks": 6},
        "yaxis": {"title": {"text": "runs"}},
    }
    return [trace], layout


def _scatter(drawing: Scatter) -> tuple[list[Any], dict[str, Any]]:
    data = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": _plain(name),
            "x": _round(x),
            "y": _round(y),
            "marker": {"color": f"--c{i}", "symbol": _MARKS[i], "size": 7, "opacity": 0.85},
            "hoverinfo": "text",
            "text": [f"{escape(name, quote=False)}: {in_words(a)}, {in_words(b)}" for a, b in zip(x, y, strict=True)],
        }
        for i, (name, (x, y)) in enumerate(drawing.groups.items())
    ]
    layout = {
        "height": 420,
        "margin": {"l": 10, "r": 10, "t": 34, "b": 46},
        "showlegend": True,
        "legend": _LEGEND,
        "xaxis": {"title": {"text": _plain(drawing.x_axis, 50)}, "zeroline": False, "nticks": 7},
        "yaxis": {"title": {"text": _plain(drawing.y_axis, 40)}, "zeroline": False},
    }
    return data, layout


_DRAW: Final[dict[type, Any]] = {
    Bars: _bars, Swings: _swings, Fan: _fan, Histogram: _histogram, Scatter: _scatter
}  # fmt: skip
