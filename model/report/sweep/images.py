"""Pictures as PNG and SVG files, by Matplotlib; it is imported only here, where a batch is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.report.sweep.colours import BAND, HIGH, INK, INNER, LINE, LOW, PALETTE, short
from model.report.sweep.pictures import Bars, Fan, Histogram, Picture, Scatter, Swings, in_words, padded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS: Final = ("png", "svg")
_WIDTH: Final = 8.0  # inches
_LOOK: Final[Any] = {
    "font.size": 10,
    "font.family": ["DejaVu Sans"],  # it comes with Matplotlib and has Latin and Cyrillic letters
    "text.parse_math": False,  # a name may hold $
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.hashsalt": "picture",  # equal results are equal files
    "svg.fonttype": "none",
}


def write_images(folder: Path, pictures: Sequence[Picture]) -> list[Path]:
    """Write each picture as PNG (160 dots an inch) and as SVG; gives the paths."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with mpl.rc_context(_LOOK):
        for picture in pictures:
            figure = Figure(figsize=(_WIDTH, _height(picture)), layout="constrained")
            axes = figure.add_subplot()
            _DRAW[type(picture.drawing)](axes, picture.drawing)
            figure.suptitle(picture.title, x=0.01, ha="left", fontweight="bold", fontsize=12)
            for kind in FORMATS:
                path = folder / f"{picture.key}.{kind}"
                stamp = {"Date": None} if kind == "svg" else {"Software": None}
                figure.savefig(path, dpi=160, metadata=stamp)
                paths.append(path)
    return paths


def _height(picture: Picture) -> float:
    if isinstance(picture.drawing, Bars | Swings):
        return 1.3 + 0.36 * len(picture.drawing.names)
    return 4.4


def _bars(axes: Axes, drawing: Bars) -> None:
    count = len(drawing.series)
    thick = 0.72 / count
    places = np.arange(len(drawing.names), dtype=float)
    for i, series in enumerate(drawing.series):
        at = places + (i - (count - 1) / 2) * thick
        axes.barh(at, series.lengths, thick * 0.92, color=PALETTE[i], label=series.name)
        if series.low is not None and series.high is not None:
            values = np.array(series.lengths)
            reach = np.array([values - series.low, np.array(series.high) - values])
            axes.errorbar(
                series.lengths, at, xerr=np.maximum(reach, 0), fmt="none", ecolor=INK, elinewidth=1, capsize=2
            )
        elif count == 1:
            for place, value in zip(at.tolist(), series.lengths, strict=True):
                side = "left" if value >= 0 else "right"
                offset = (4 if value >= 0 else -4, 0)
                axes.annotate(in_words(value), (value, place), offset, textcoords="offset points", ha=side, va="center")
            axes.margins(x=0.12)
    _names(axes, drawing.names)
    axes.set_xlabel(drawing.axis)
    if count > 1:
        axes.legend(frameon=False, loc="lower right")


def _names(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(np.arange(len(names)), [short(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.axvline(0, color=INK, linewidth=0.8)
    _plain(axes, "x")


def _plain(axes: Axes, *which: str) -> None:
    """Numbers in full with marks between thousands, never as powers of ten or offsets."""
    for name in which:
        axis = getattr(axes, f"{name}axis")
        low, high = axis.get_view_interval()
        if max(abs(low), abs(high)) >= 1000:
            axis.set_major_formatter("{x:,.0f}")
        axis.get_major_locator().set_params(nbins=6)


def _swings(axes: Axes, drawing: Swings) -> None:
    places = np.arange(len(drawing.names))
    for values, texts, colour, name in (
        (drawing.low, drawing.at_low, LOW, "at its low end"),
        (drawing.high, drawing.at_high, HIGH, "at its high end"),
    ):
        reach = np.array(values) - drawing.present
        axes.barh(places, reach, 0.66, left=drawing.present, color=colour, label=name)
        for place, value, part, text in zip(places.tolist(), values, reach.tolist(), texts, strict=True):
            side = "left" if part >= 0 else "right"
            axes.annotate(
                short(text, 16), (value, place), (4 if part >= 0 else -4, 0), textcoords="offset points", ha=side,
                va="center", fontsize=8,
            )  # fmt: skip
    low, high = padded(np.array([*drawing.low, *drawing.high, drawing.present]))
    axes.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
    _names(axes, drawing.names)
    axes.lines[-1].remove()
    axes.axvline(drawing.present, color=INK, linewidth=1)
    axes.set_xlabel(drawing.axis)
    axes.legend(frameon=False, loc="lower right")


def _fan(axes: Axes, drawing: Fan) -> None:
    places = np.arange(len(drawing.periods))
    low, inner_low, middle, inner_high, high = drawing.quantiles
    axes.fill_between(places, low, high, color=BAND, linewidth=0, label="nine of ten runs")
    axes.fill_between(places, inner_low, inner_high, color=INNER, linewidth=0, label="half of all runs")
    axes.plot(places, middle, color=HIGH, linewidth=2, label="median")
    step = max(1, round(len(places) / 10))
    axes.set_xticks(places[::step], [short(period, 10) for period in drawing.periods[::step]])
    axes.set_ylim(bottom=min(0.0, *low))
    axes.set_ylabel(drawing.axis)
    axes.grid(axis="y")
    axes.legend(frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))


def _histogram(axes: Axes, drawing: Histogram) -> None:
    edges = np.array(drawing.edges)
    axes.bar(edges[:-1], drawing.counts, np.diff(edges) * 0.94, align="edge", color=PALETTE[0])
    axes.set_xlabel(drawing.axis)
    axes.set_ylabel("runs")
    axes.grid(axis="y")
    _plain(axes, "x")


def _scatter(axes: Axes, drawing: Scatter) -> None:
    marks = "osD^vP*X"
    for i, (name, (x, y)) in enumerate(drawing.groups.items()):
        axes.scatter(x, y, 22, color=PALETTE[i], marker=marks[i], alpha=0.8, linewidths=0, label=short(name))
    axes.set_xlabel(short(drawing.x_axis, 60))
    axes.set_ylabel(short(drawing.y_axis, 40))
    axes.grid()
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    _plain(axes, "x", "y")


_DRAW: Final[dict[type, Any]] = {
    Bars: _bars, Swings: _swings, Fan: _fan, Histogram: _histogram, Scatter: _scatter
}  # fmt: skip
