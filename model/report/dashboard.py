"""The first sheet of results.xlsx: figures and charts that follow what is chosen in a few cells, by formulas alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from xlsxwriter.utility import xl_col_to_name, xl_range_abs, xl_rowcol_to_cell

from model.report.board import BEHIND, FIRST_FIGURE, Board, TableRange
from model.report.content import Content
from model.report.styles import Styles

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "Dashboard"
_NAMED: Final = 8  # corridors and markets by name; the others together
_RENTS: Final = 10
_EARNERS: Final = 60  # capacities that earn most in any period: the largest of the chosen one are among them
_LEAST: Final = 0.5  # million USD: a smaller rent is not drawn
_TIE: Final = 1e-9  # million USD by which the order of rows tells equal rents apart
_OTHERS: Final = "all others"
_COLOURS: Final = (
    "#0072B2", "#E69F00", "#009E73", "#B65C93", "#56B4E9", "#882255", "#8C6D31", "#5D6D9E", "#A3ABB5",
)  # fmt: skip


def write_dashboard(
    book: Any, sheet: Any, styles: Styles, content: Content, ranges: Mapping[str, TableRange], sheets: Sequence[str]
) -> None:
    """Write the sheet.

    Parameters
    ----------
    book, sheet, styles
        Of XlsxWriter; the sheet is the first one.
    content
        What is reported; values of the formulas for the first choice are worked out from its tables, so that a viewer
        that does not calculate shows them too.
    ranges
        Where the long tables stand that the formulas read: Summary, Exports and Capacity.
    sheets
        The other sheets, each of which gets a link.
    """
    board = _Charted(book, sheet, styles, content, ranges)
    board.head(sheets)
    board.lists()
    board.figures()
    board.charts()


class _Charted(Board):
    """The charts, each fed by numbers that follow the choice too."""

    def charts(self) -> None:
        """Exports by corridor and by market over time, what scenarios are worth, and what scarcity earns."""
        row = FIRST_FIGURE + 10
        self.sheet.print_area(0, 0, row + 38, BEHIND - 2)
        if self.families:
            for view, column in (("corridor", 0), ("market", 6)):
                self.sheet.insert_chart(row, column, self._exports_chart(view))
        if len(self.scenarios) > 1:
            self.sheet.insert_chart(row + 19, 0, self._worth_chart())
        rents = self.content.frames["Capacity"].groupby("name", sort=False)["rent"].max()
        names = list(rents[rents > 0].sort_values(ascending=False, kind="stable").index[:_EARNERS])
        if names:
            self.sheet.insert_chart(row + 19, 6 if len(self.scenarios) > 1 else 0, self._rents_chart(names))

    def _exports_chart(self, view: str) -> Any:
        """Names follow the family, volumes the names, the scenario and the family; the rest is the total less these."""
        frame = self.content.frames["Exports"]
        rows = frame[frame["by"] == view]
        # what is sold where it is produced, in another country than its own, passes no corridor: a family without names
        sums = {f: rows[rows["family"] == f].groupby("name", sort=False)["volume"].sum() for f in self.families}
        top = {f: list(s[s > 0].sort_values(ascending=False, kind="stable").index) for f, s in sums.items()}
        count = min(_NAMED, max(len(names) for names in top.values()))
        first = self._name_lists(view, top, count)
        others = count + 1
        chosen = rows[(rows["scenario"] == self.chosen["scenario"]) & (rows["family"] == self.chosen["commodity"])]
        periods = {period: chosen[chosen["period"] == period] for period in self.periods}
        for i in range(1, count + 2):
            column = BEHIND + len(self.families) + i - 1
            lists = f"${xl_col_to_name(BEHIND)}${first + i + 1}:${xl_col_to_name(column - i)}${first + i + 1}"
            formula = f"=INDEX({lists},MATCH({self.cell['commodity']},${xl_col_to_name(BEHIND)}${first + 1}:"
            formula += f"${xl_col_to_name(column - i)}${first + 1},0))"
            self._name(first + i, formula, _OTHERS if i == others else self._nth(top, i - 1))
            self._volumes(view, periods, first, i, others, top)
        self.row = first + others + 3
        return self._time_chart(view, first, others)

    def _name_lists(self, view: str, top: Mapping[str, Sequence[str]], count: int) -> int:
        """One column of names a family; returns the row of their header."""
        first = self.row
        self.sheet.write_string(first - 1, BEHIND, f"Exports by {view}", self.styles.question)
        for k, (family, names) in enumerate(top.items()):
            self.sheet.write_string(first, BEHIND + k, family, self.styles.left_header)
            for i in range(count):
                name = names[i] if i < len(names) else " "
                self.sheet.write_string(first + 1 + i, BEHIND + k, name, self.styles.number("text"))
            self.sheet.write_string(first + 1 + count, BEHIND + k, _OTHERS, self.styles.number("text"))
        for t, period in enumerate(self.periods):
            self.sheet.write_string(first, self._numbers + t, period, self.styles.right_header)
        return first

    @property
    def _numbers(self) -> int:
        """First column of volumes over time: after the families' lists and the chosen names."""
        return BEHIND + len(self.families) + 1

    def _nth(self, top: Mapping[str, Sequence[str]], i: int) -> str:
        names = top[self.chosen["commodity"]]
        return names[i] if i < len(names) else " "

    def _name(self, row: int, formula: str, value: str) -> None:
        self.sheet.write_formula(row, self._numbers - 1, formula, self.styles.number("text"), value)

    def _volumes(
        self,
        view: str,
        periods: Mapping[str, pd.DataFrame],
        first: int,
        i: int,
        others: int,
        top: Mapping[str, Sequence[str]],
    ) -> None:
        """One row of the chart's volumes; ``periods`` holds what is exported of the chosen family in each."""
        name = xl_rowcol_to_cell(first + i, self._numbers - 1, row_abs=False, col_abs=True)
        named = {self._nth(top, k) for k in range(others - 1)}
        for t, period in enumerate(self.periods):
            column = self._numbers + t
            label = f"{xl_col_to_name(column)}${first + 1}"
            criteria = {"by": f'"{view}"', "family": self.cell["commodity"], "period": label}
            at = periods[period]
            if i < others:
                formula = self.sum_of("Exports", "volume", {**criteria, "name": name})
                value = float(at.loc[at["name"] == self._nth(top, i - 1), "volume"].sum())
            else:
                above = f"{xl_rowcol_to_cell(first + 1, column)}:{xl_rowcol_to_cell(first + others - 1, column)}"
                # a rest of rounding is no volume
                formula = f"ROUND({self.sum_of('Exports', 'volume', criteria)}-SUM({above}),6)"
                value = round(float(at.loc[~at["name"].isin(named), "volume"].sum()), 6)
            formula = f"={formula.format(scenario=self.cell['scenario'])}"
            self.sheet.write_formula(first + i, column, formula, self.styles.number("volume"), value)

    def _time_chart(self, view: str, first: int, count: int) -> Any:
        chart = self.book.add_chart({"type": "column", "subtype": "stacked"})
        left, right = self._numbers, self._numbers + len(self.periods) - 1
        for i in range(1, count + 1):
            colour = _COLOURS[-1] if i == count else _COLOURS[i - 1]
            chart.add_series(
                {
                    "name": [NAME, first + i, left - 1],
                    "categories": [NAME, first, left, first, right],
                    "values": [NAME, first + i, left, first + i, right],
                    "fill": {"color": colour},
                    "gap": 40,
                }
            )
        title = self._title(first - 1, f"exports by {view}")
        chart.set_x_axis({"num_font": {"rotation": -45 if len(self.periods) > 12 else 0}})
        return self._finish(chart, title, legend=True)

    def _title(self, row: int, what: str) -> list[Any]:
        """A chart's title is a cell that follows what is chosen."""
        scenario, family = self.cell["scenario"], self.cell["commodity"]
        unit, shown = self.unit_of("unit")
        formula = f'={scenario}&": {what} of "&{family}&", "&{unit[1:]}'
        value = f"{self.chosen['scenario']}: {what} of {self.chosen['commodity']}, {shown}"
        self.sheet.write_formula(row, self._numbers, formula, self.styles.question, value)
        return [NAME, row, self._numbers]

    def _worth_chart(self) -> Any:
        first, area = self.row, self.ranges["Summary"]
        value_name = self.content.value_name
        self.sheet.write_string(first - 1, BEHIND, f"Change of {value_name} by scenario", self.styles.question)
        lines = [line for line in self.content.lines if line.value is not None]
        base = lines[0].value or 0.0
        for i, line in enumerate(lines):
            place = xl_rowcol_to_cell(first + i, BEHIND, False, True)
            self.sheet.write_string(first + i, BEHIND, line.name, self.styles.number("text"))
            pairs = f'{area.of("measure")},"objective"'
            one, other = (
                f"SUMIFS({area.of('present_value')},{area.of('scenario')},{cell},{pairs})"
                for cell in (place, f"${xl_col_to_name(BEHIND)}${first + 1}")
            )
            change = (line.value or 0.0) - base
            self.sheet.write_formula(first + i, BEHIND + 1, f"={one}-{other}", self.styles.number("money"), change)
        self.row = first + len(lines) + 3
        title = f"Change of {value_name} against {lines[0].name}, million USD"
        return self._bars(first + 1, len(lines) - 1, title, _COLOURS[0])

    def _rents_chart(self, names: Sequence[str]) -> Any:
        first, frame = self.row, self.content.frames["Capacity"]
        scenario, period = self.chosen["scenario"], self.chosen["period"]
        now = frame[(frame["scenario"] == scenario) & (frame["period"] == period)]
        cell = xl_rowcol_to_cell(first - 1, BEHIND, True, True)
        formula = f'={self.cell["scenario"]}&": rents in "&{self.cell["period"]}&", million USD"'
        said = f"{scenario}: rents in {period}, million USD"
        self.sheet.write_formula(cell, formula, self.styles.question, said)
        values = []
        for i, name in enumerate(names):
            place = xl_rowcol_to_cell(first + i, BEHIND, False, True)
            self.sheet.write_string(first + i, BEHIND, name, self.styles.number("text"))
            formula = self.sum_of("Capacity", "rent", {"name": place, "period": self.cell["period"]})
            values.append(float(now.loc[now["name"] == name, "rent"].sum()) - (first + i + 1) * _TIE)
            formula = f"={formula.format(scenario=self.cell['scenario'])}-ROW()*{_TIE:.9f}"
            self.sheet.write_formula(first + i, BEHIND + 1, formula, self.styles.number("money"), values[-1])
        self._largest(first, names, values)
        self.row = first + len(names) + 3
        return self._bars(first, min(len(names), _RENTS), [NAME, first - 1, BEHIND], "#D55E00", BEHIND + 2)

    def _largest(self, first: int, names: Sequence[str], values: Sequence[float]) -> None:
        """The largest of the rents beside them, in order; what earns nothing has no name."""
        area = xl_range_abs(first, BEHIND, first + len(names) - 1, BEHIND)
        rents = xl_range_abs(first, BEHIND + 1, first + len(names) - 1, BEHIND + 1)
        order = sorted(range(len(names)), key=lambda i: -values[i])
        for i in range(min(len(names), _RENTS)):
            value, at = values[order[i]], xl_rowcol_to_cell(first + i, BEHIND + 3)
            name = f'=IF({at}>{_LEAST},INDEX({area},MATCH({at},{rents},0))," ")'
            text = names[order[i]] if value > _LEAST else " "
            self.sheet.write_formula(first + i, BEHIND + 2, name, self.styles.number("text"), text)
            self.sheet.write_formula(
                first + i, BEHIND + 3, f"=LARGE({rents},{i + 1})", self.styles.number("money"), value
            )

    def _bars(self, first: int, count: int, title: Any, colour: str, column: int = BEHIND) -> Any:
        chart = self.book.add_chart({"type": "bar"})
        last = first + count - 1
        chart.add_series(
            {
                "name": "million USD",
                "categories": [NAME, first, column, last, column],
                "values": [NAME, first, column + 1, last, column + 1],
                "fill": {"color": colour},
                "invert_if_negative": True,
                "invert_if_negative_color": "#D55E00",
                "gap": 40,
                "data_labels": {"value": True, "num_format": '#,##0;-#,##0;""' if column != BEHIND else "#,##0"},
            }
        )
        chart.set_y_axis({"reverse": True, "label_position": "low", "major_gridlines": {"visible": False}})
        # the axis of values stands below although the names run downwards
        chart.set_x_axis(
            {
                "num_format": "#,##0",
                "label_position": "high",
                "major_gridlines": {"visible": True, "line": {"color": "#E5E7EB"}},
            }
        )
        return self._finish(chart, title, legend=False)

    @staticmethod
    def _finish(chart: Any, title: Any, *, legend: bool) -> Any:
        chart.set_title({"name": title, "name_font": {"size": 12}})
        if legend:
            line = {"visible": True, "line": {"color": "#E5E7EB"}}
            chart.set_y_axis({"num_format": "#,##0", "major_gridlines": line, "min": 0})
        chart.set_legend({"position": "right"} if legend else {"none": True})
        chart.set_size({"width": 780, "height": 360})
        return chart
