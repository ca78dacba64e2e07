"""Pictures as native charts of a workbook; each draws on a block of cells of a sheet of chart data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from model.report.styles import Styles
from model.report.sweep.colours import BAND, HIGH, INK, INNER, LINE, LOW, PALETTE, short
from model.report.sweep.pictures import Bars, Fan, Histogram, Picture, Scatter, Swings, in_words, padded

WIDTH: Final = 760
_GRID: Final = {"visible": True, "line": {"color": LINE}}
_THOUSANDS: Final = "#,##0.####;-#,##0.####;0"


class NativeCharts:
    """Writes chart data column by column and makes the charts that read it."""

    def __init__(self, book: Any, data: Any, styles: Styles) -> None:
        self.book, self.data, self.styles = book, data, styles
        self._column = 0

    def chart(self, picture: Picture) -> tuple[Any, int]:
        """The chart of a picture, and its height in pixels."""
        self.data.write_string(0, self._column, picture.title, self.styles.section)
        chart, height = self._DRAW[type(picture.drawing)](self, picture.drawing)
        chart.set_title({"name": picture.title, "name_font": {"size": 12}, "overlay": False})
        chart.set_size({"width": WIDTH, "height": height})
        self._column += 1
        return chart, height

    def _put(self, header: str, values: Sequence[Any]) -> list[Any]:
        """One column of chart data; gives its range as XlsxWriter takes it."""
        column = self._column
        self.data.write_string(1, column, header, self.styles.left_header)
        for row, value in enumerate(values, 2):
            if isinstance(value, str):
                self.data.write_string(row, column, value)
            elif np.isfinite(value):
                self.data.write_number(row, column, value)
        self._column += 1
        return [self.data.get_name(), 2, column, 1 + max(len(values), 1), column]

    def _ranked(self, chart: Any, axis: str, count: int, ends: Mapping[str, Any]) -> int:
        # the first name at the top, the numbers at the bottom
        chart.set_y_axis({"reverse": True, "crossing": "max", "label_position": "low", "major_tick_mark": "none"})
        chart.set_x_axis({"name": axis, "num_format": _THOUSANDS, "major_gridlines": _GRID, **ends})
        return 130 + 28 * count

    def _bars(self, drawing: Bars) -> tuple[Any, int]:
        chart = self.book.add_chart({"type": "bar"})
        names = self._put("name", [short(name) for name in drawing.names])
        for i, series in enumerate(drawing.series):
            options: dict[str, Any] = {
                "name": series.name,
                "categories": names,
                "values": self._put(series.name, series.lengths),
                "fill": {"color": PALETTE[i]},
                "gap": 45,
            }
            if series.low is not None and series.high is not None:
                values = np.array(series.lengths)
                above, below = np.maximum(np.array(series.high) - values, 0), np.maximum(values - series.low, 0)
                options["y_error_bars"] = {
                    "type": "custom",
                    "plus_values": _formula(self._put("above", above.tolist())),
                    "minus_values": _formula(self._put("below", below.tolist())),
                    "line": {"color": INK},
                }
            chart.add_series(options)
        several = len(drawing.series) > 1
        chart.set_legend({"position": "bottom"} if several else {"none": True})
        reach = [value for one in drawing.series for part in (one.lengths, one.low, one.high) for value in part or ()]
        ends = _ends(min(0.0, *reach), max(0.0, *reach))
        return chart, self._ranked(chart, drawing.axis, len(drawing.names) * (1 + len(drawing.series)) // 2, ends)

    def _swings(self, drawing: Swings) -> tuple[Any, int]:
        chart = self.book.add_chart({"type": "bar"})
        names = self._put("input", [short(name) for name in drawing.names])
        for values, texts, colour, name in (
            (drawing.low, drawing.at_low, LOW, "at its low end"),
            (drawing.high, drawing.at_high, HIGH, "at its high end"),
        ):
            chart.add_series(
                {
                    "name": name,
                    "categories": names,
                    "values": self._put(name, values),
                    "fill": {"color": colour},
                    "gap": 45,
                    "overlap": 100,
                    "data_labels": {
                        "value": True,
                        "position": "outside_end",
                        "custom": [{"value": short(text, 16)} for text in texts],
                    },
                }
            )
        low, high = padded(np.array([*drawing.low, *drawing.high, drawing.present]))
        ends = {**_ends(low, high), "crossing": drawing.present}
        height = self._ranked(chart, drawing.axis, len(drawing.names), ends)
        chart.set_legend({"position": "bottom"})
        return chart, height

    def _fan(self, drawing: Fan) -> tuple[Any, int]:
        """Stacked bands on a band that is not seen, and the median as a line."""
        low, inner_low, middle, inner_high, high = (np.array(row) for row in drawing.quantiles)
        chart = self.book.add_chart({"type": "area", "subtype": "stacked"})
        periods = self._put("period", drawing.periods)
        bands = (
            ("below", low, None),
            ("nine of ten runs", inner_low - low, BAND),
            ("half of all runs", inner_high - inner_low, INNER),
            ("nine of ten runs, above", high - inner_high, BAND),
        )
        for name, values, colour in bands:
            fill = {"none": True} if colour is None else {"color": colour}
            place = self._put(name, values.tolist())
            chart.add_series(
                {"name": name, "categories": periods, "values": place, "fill": fill, "border": {"none": True}}
            )
        line = self.book.add_chart({"type": "line"})
        median = {"name": "median", "categories": periods, "values": self._put("median", middle.tolist())}
        line.add_series({**median, "line": {"color": HIGH, "width": 2.25}})
        chart.combine(line)
        chart.set_legend({"position": "bottom", "delete_series": [0, 3]})
        chart.set_y_axis({"name": drawing.axis, "num_format": _THOUSANDS, "major_gridlines": _GRID})
        return chart, 360

    def _histogram(self, drawing: Histogram) -> tuple[Any, int]:
        chart = self.book.add_chart({"type": "column"})
        middles = [in_words((low + high) / 2) for low, high in pairwise(drawing.edges)]
        names = self._put("middle", middles)
        values = self._put("runs", drawing.counts)
        chart.add_series(
            {"name": "runs", "categories": names, "values": values, "fill": {"color": PALETTE[0]}, "gap": 6}
        )
        chart.set_x_axis({"name": f"{drawing.axis} (middle of each bar)"})
        chart.set_y_axis({"name": "runs", "major_gridlines": _GRID})
        chart.set_legend({"none": True})
        return chart, 360

    def _scatter(self, drawing: Scatter) -> tuple[Any, int]:
        chart = self.book.add_chart({"type": "scatter"})
        marks = ("circle", "square", "diamond", "triangle", "x", "star", "plus", "short_dash")
        for i, (name, (x, y)) in enumerate(drawing.groups.items()):
            chart.add_series(
                {
                    "name": short(name),
                    "categories": self._put(f"{name}: {drawing.x_axis}", x),
                    "values": self._put(f"{name}: {drawing.y_axis}", y),
                    "marker": {
                        "type": marks[i],
                        "size": 6,
                        "fill": {"color": PALETTE[i]},
                        "border": {"color": PALETTE[i]},
                    },
                }
            )
        points = list(drawing.groups.values())
        for set_axis, name, place in (
            (chart.set_x_axis, drawing.x_axis, 0),
            (chart.set_y_axis, drawing.y_axis, 1),
        ):
            low, high = padded(np.concatenate([np.array(group[place]) for group in points]))
            look = {"num_format": _THOUSANDS, "major_gridlines": _GRID, "label_position": "low"}
            set_axis({"name": short(name, 60), **look, **_ends(low, high)})
        chart.set_legend({"position": "bottom"})
        return chart, 420

    _DRAW: Final[dict[type, Any]] = {
        Bars: _bars, Swings: _swings, Fan: _fan, Histogram: _histogram, Scatter: _scatter
    }  # fmt: skip


def _ends(low: float, high: float) -> dict[str, float]:
    """Ends and step of an axis at round numbers, some six steps apart."""
    rough = max(high - low, 1e-9) / 6
    power = 10.0 ** np.floor(np.log10(rough))
    step = float(next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999))
    return {"min": float(np.floor(low / step) * step), "max": float(np.ceil(high / step) * step), "major_unit": step}


def _formula(place: Sequence[Any]) -> str:
    from xlsxwriter.utility import xl_range_formula

    return str(xl_range_formula(*place))
