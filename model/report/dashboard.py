"""The first sheet of results.xlsx: figures and charts that follow what is chosen in a few cells, by formulas alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from model.report.content import FULL, Content
from model.report.styles import Styles

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "Dashboard"
_NAMED: Final = 8  # corridors and markets by name; the others together
_RENTS: Final = 10
_OTHERS: Final = "all others"
_BEHIND: Final = 14  # first column of the numbers behind the charts
_PICKERS: Final = ("scenario", "compared with", "commodity", "period")
_FIRST_FIGURE: Final = 9
_COLOURS: Final = (
    "#0072B2", "#E69F00", "#009E73", "#B65C93", "#56B4E9", "#882255", "#8C6D31", "#5D6D9E", "#A3ABB5",
)  # fmt: skip


@dataclass(frozen=True)
class TableRange:
    """Where a long table stands in the workbook: its sheet, first and last row of data, and the column of each name."""

    sheet: str
    first: int
    last: int
    columns: Mapping[str, int]

    def of(self, name: str) -> str:
        """A column's cells as a formula names them."""
        letter = xl_col_to_name(self.columns[name])
        return f"'{self.sheet}'!${letter}${self.first + 1}:${letter}${self.last + 1}"


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
    board = _Board(book, sheet, styles, content, ranges)
    board.head(sheets)
    board.lists()
    board.figures()
    board.charts()


class _Board:
    """Writes the sheet part by part; cells are (row, column) from 0."""

    def __init__(
        self, book: Any, sheet: Any, styles: Styles, content: Content, ranges: Mapping[str, TableRange]
    ) -> None:
        self.book, self.sheet, self.styles, self.content, self.ranges = book, sheet, styles, content, ranges
        exports = content.frames["Exports"]
        self.scenarios = [line.name for line in content.lines if line.value is not None]
        self.periods = list(dict.fromkeys(exports["period"])) or [content.start]
        volumes = exports.groupby("family", sort=False)["volume"].sum()
        self.families = list(volumes[volumes > 0].index)
        self.units = {f: (exports[exports["family"] == f].iloc[0][["unit", "trade_unit"]]) for f in self.families}
        family = self.families[0] if self.families else ""
        second = self.scenarios[1] if len(self.scenarios) > 1 else self.scenarios[0]
        self.chosen = dict(zip(_PICKERS, (self.scenarios[0], second, family, content.start), strict=True))
        self.cell = {name: xl_rowcol_to_cell(3 + i, 1, True, True) for i, name in enumerate(_PICKERS)}
        self.place: dict[str, str] = {}
        self.row = 3

    def head(self, sheets: Sequence[str]) -> None:
        sheet, styles = self.sheet, self.styles
        sheet.set_column(0, 0, 46)
        sheet.set_column(1, 3, 17)
        sheet.set_column(4, 4, 14)
        sheet.set_column(5, 5, 3)
        sheet.set_column(6, 12, 16)
        sheet.write_string(0, 0, self.content.title, styles.headline)
        said = f"Results of {self.content.workbook}. Choose in the four yellow cells; figures and charts follow."
        sheet.write_string(1, 0, said, styles.question)
        for i, name in enumerate(_PICKERS):
            sheet.write_string(3 + i, 0, name.capitalize(), styles.left_header)
            sheet.write_string(3 + i, 1, self.chosen[name], styles.picker)
        sheet.write_string(2, 6, "Sheets", styles.left_header)
        half = -(-len(sheets) // 3)
        for i, name in enumerate(sheets):
            sheet.write_url(3 + i % half, 6 + 2 * (i // half), f"internal:'{name}'!A1", styles.link, name)

    def lists(self) -> None:
        """The lists from which is chosen, and the names in the charts by family."""
        self.sheet.write_string(1, _BEHIND, "Numbers behind the figures and charts", self.styles.question)
        self._list("scenario", self.scenarios, 0)
        self._list("period", self.periods, 1)
        self._list("commodity", self.families, 2)
        self._list("unit", [self.units[f]["unit"] for f in self.families], 3)
        self._list("trade", [self.units[f]["trade_unit"] for f in self.families], 4)
        for name, source in zip(_PICKERS, ("scenario", "scenario", "commodity", "period"), strict=True):
            if self.place[source]:
                rule = {"validate": "list", "source": f"={self.place[source]}", "error_title": "Not in the list"}
                self.sheet.data_validation(3 + _PICKERS.index(name), 1, 3 + _PICKERS.index(name), 1, rule)
        self.row = 5 + max(len(self.scenarios), len(self.periods), len(self.families))

    def _list(self, name: str, values: Sequence[str], offset: int) -> None:
        column = _BEHIND + offset
        self.sheet.write_string(2, column, name, self.styles.left_header)
        for i, value in enumerate(values):
            self.sheet.write_string(3 + i, column, str(value), self.styles.number("text"))
        letter = xl_col_to_name(column)
        self.place[name] = f"${letter}$4:${letter}${3 + len(values)}" if values else ""

    # ---- figures

    def figures(self) -> None:
        """A few figures for the chosen scenario, the one that it is compared with, and the difference."""
        head = _FIRST_FIGURE - 1
        for column, name in enumerate(("figure", "chosen", "compared with", "difference", "unit")):
            style = self.styles.right_header if 0 < column < 4 else self.styles.indented_header if column else None
            self.sheet.write_string(head, column, name, style or self.styles.left_header)
        for i, (label, formula, values, unit, look) in enumerate(self._figures()):
            row, style = _FIRST_FIGURE + i, self.styles.number(look)
            self._write(row, 0, label, None)
            for column, (picker, value) in enumerate(zip(_PICKERS[:2], values, strict=True), 1):
                self.sheet.write_formula(row, column, f"={formula.format(scenario=self.cell[picker])}", style, value)
            left, right = xl_rowcol_to_cell(row, 1), xl_rowcol_to_cell(row, 2)
            self.sheet.write_formula(row, 3, f"={left}-{right}", style, values[0] - values[1])
            self._write(row, 4, unit, self.styles.indented)

    def _write(self, row: int, column: int, text: tuple[str, str], style: Any) -> None:
        """A formula and its value, or a text where there is no formula."""
        formula, shown = text
        if formula:
            self.sheet.write_formula(row, column, formula, style, shown)
        else:
            self.sheet.write_string(row, column, shown, style)

    def _figures(self) -> list[tuple[tuple[str, str], str, list[float], tuple[str, str], str]]:
        """Label, formula by scenario, values, unit and look of each figure; label and unit as formula and value."""
        period, family = self.cell["period"], self.cell["commodity"]
        when, what = self.chosen["period"], self.chosen["commodity"]
        frames, names = self.content.frames, [self.chosen[name] for name in _PICKERS[:2]]
        summary, exports, capacity = (frames[name] for name in ("Summary", "Exports", "Capacity"))
        million = ("", "million USD")

        def label(text: str, *, of_family: bool = True) -> tuple[str, str]:
            formula = f'="{text}"' + (f'&" of "&{family}' if of_family else "") + f'&", "&{period}'
            return formula, f"{text}{f' of {what}' if of_family else ''}, {when}"

        def of_summary(measure: str, column: str, **which: str) -> tuple[str, list[float]]:
            criteria = {"measure": f'"{measure}"', **which}
            values = {key: self._plain(value) for key, value in criteria.items()}
            return self._sum("Summary", column, criteria), [_sum(summary, column, s, values) for s in names]

        money = {"family": family, "origin": '"all"', "period": period, "unit": '"million USD"'}
        rows: list[tuple[tuple[str, str], str, list[float], tuple[str, str], str]] = []
        total = f"{self.content.value_name.capitalize()}, all commodities and periods, discounted"
        rows.append((("", total), *of_summary("objective", "present_value"), million, "money"))
        for column, unit in (("volume", "unit"), ("trade_volume", "trade")):
            criteria = {"by": '"exporter"', "family": family, "period": period}
            values = {"by": "exporter", "family": what, "period": when}
            found = [_sum(exports, column, s, values) for s in names]
            rows.append((label("Exports"), self._sum("Exports", column, criteria), found, self._unit(unit), "volume"))
        rows.append((label("Sales"), *of_summary("sales", "value", **money), million, "money"))
        rows.append((label("Tariffs, a cost,"), *of_summary("tariffs", "value", **money), million, "money"))
        rents = [_sum(capacity, "rent", s, {"period": when}) for s in names]
        text = label("Rents of scarce capacities", of_family=False)
        rows.append((text, self._sum("Capacity", "rent", {"period": period}), rents, million, "money"))
        rows.append(self._full(label("Capacities full at a price", of_family=False), names))
        return rows if self.families else [rows[0], *rows[-2:]]

    def _full(
        self, text: tuple[str, str], names: Sequence[str]
    ) -> tuple[tuple[str, str], str, list[float], tuple[str, str], str]:
        found, area = self.content.frames["Capacity"], self.ranges["Capacity"]
        full = found[(found["share_used"] >= FULL) & (found["value"] > 0)]
        counts = [float(((full["scenario"] == s) & (full["period"] == self.chosen["period"])).sum()) for s in names]
        pairs = [("scenario", "{scenario}"), ("period", self.cell["period"])]
        wanted = ",".join(f"{area.of(name)},{value}" for name, value in pairs)
        formula = f'COUNTIFS({wanted},{area.of("share_used")},">={FULL}",{area.of("value")},">0")'
        return text, formula, counts, ("", "number"), "year"

    def _plain(self, criterion: str) -> str:
        """What a criterion stands for at the first choice."""
        cells = {cell: self.chosen[name] for name, cell in self.cell.items()}
        return cells.get(criterion, criterion.strip('"'))

    def _sum(self, table: str, column: str, criteria: Mapping[str, str]) -> str:
        area = self.ranges[table]
        pairs = {"scenario": "{scenario}", **criteria}
        return f"SUMIFS({area.of(column)},{','.join(f'{area.of(name)},{value}' for name, value in pairs.items())})"

    def _unit(self, name: str) -> tuple[str, str]:
        formula = f"=INDEX({self.place[name]},MATCH({self.cell['commodity']},{self.place['commodity']},0))"
        family = self.chosen["commodity"]
        unit = "unit" if name == "unit" else "trade_unit"
        return (formula, str(self.units[family][unit])) if self.families else ("", "")

    # ---- charts

    def charts(self) -> None:
        """Exports by corridor and by market over time, what scenarios are worth, and what scarcity earns."""
        row = _FIRST_FIGURE + 10
        self.sheet.print_area(0, 0, row + 38, _BEHIND - 2)
        if self.families:
            for view, column in (("corridor", 0), ("market", 6)):
                self.sheet.insert_chart(row, column, self._exports_chart(view))
        if len(self.scenarios) > 1:
            self.sheet.insert_chart(row + 19, 0, self._worth_chart())
        rents = self.content.frames["Capacity"].groupby("name", sort=False)["rent"].max()
        names = list(rents[rents > 0].sort_values(ascending=False, kind="stable").index[:_RENTS])
        if names:
            self.sheet.insert_chart(row + 19, 6 if len(self.scenarios) > 1 else 0, self._rents_chart(names))

    def _exports_chart(self, view: str) -> Any:
        """Names follow the family, volumes the names, the scenario and the family; the rest is the total less these."""
        frame = self.content.frames["Exports"]
        rows = frame[frame["by"] == view]
        sums = rows.groupby(["family", "name"], sort=False)["volume"].sum()
        top = {f: list(sums[f][sums[f] > 0].sort_values(ascending=False, kind="stable").index) for f in self.families}
        count = min(_NAMED, max(len(names) for names in top.values()))
        first = self._name_lists(view, top, count)
        others = count + 1
        for i in range(1, count + 2):
            column = _BEHIND + len(self.families) + i - 1
            lists = f"${xl_col_to_name(_BEHIND)}${first + i + 1}:${xl_col_to_name(column - i)}${first + i + 1}"
            formula = f"=INDEX({lists},MATCH({self.cell['commodity']},${xl_col_to_name(_BEHIND)}${first + 1}:"
            formula += f"${xl_col_to_name(column - i)}${first + 1},0))"
            self._name(first + i, formula, _OTHERS if i == others else self._nth(top, i - 1))
            self._volumes(view, rows, first, i, others, top)
        self.row = first + others + 3
        return self._time_chart(view, first, others)

    def _name_lists(self, view: str, top: Mapping[str, Sequence[str]], count: int) -> int:
        """One column of names a family; returns the row of their header."""
        first = self.row
        self.sheet.write_string(first - 1, _BEHIND, f"Exports by {view}", self.styles.question)
        for k, (family, names) in enumerate(top.items()):
            self.sheet.write_string(first, _BEHIND + k, family, self.styles.left_header)
            for i in range(count):
                name = names[i] if i < len(names) else " "
                self.sheet.write_string(first + 1 + i, _BEHIND + k, name, self.styles.number("text"))
            self.sheet.write_string(first + 1 + count, _BEHIND + k, _OTHERS, self.styles.number("text"))
        for t, period in enumerate(self.periods):
            self.sheet.write_string(first, self._numbers + t, period, self.styles.right_header)
        return first

    @property
    def _numbers(self) -> int:
        """First column of volumes over time: after the families' lists and the chosen names."""
        return _BEHIND + len(self.families) + 1

    def _nth(self, top: Mapping[str, Sequence[str]], i: int) -> str:
        names = top[self.chosen["commodity"]]
        return names[i] if i < len(names) else " "

    def _name(self, row: int, formula: str, value: str) -> None:
        self.sheet.write_formula(row, self._numbers - 1, formula, self.styles.number("text"), value)

    def _volumes(
        self, view: str, rows: pd.DataFrame, first: int, i: int, others: int, top: Mapping[str, Sequence[str]]
    ) -> None:
        scenario, family = self.chosen["scenario"], self.chosen["commodity"]
        mine = rows[(rows["scenario"] == scenario) & (rows["family"] == family)]
        name = xl_rowcol_to_cell(first + i, self._numbers - 1, row_abs=False, col_abs=True)
        named = {self._nth(top, k) for k in range(others - 1)}
        for t, period in enumerate(self.periods):
            column = self._numbers + t
            label = f"{xl_col_to_name(column)}${first + 1}"
            criteria = {"by": f'"{view}"', "family": self.cell["commodity"], "period": label}
            at = mine[mine["period"] == period]
            if i < others:
                formula = self._sum("Exports", "volume", {**criteria, "name": name})
                value = float(at.loc[at["name"] == self._nth(top, i - 1), "volume"].sum())
            else:
                above = f"{xl_rowcol_to_cell(first + 1, column)}:{xl_rowcol_to_cell(first + others - 1, column)}"
                # a rest of rounding is no volume
                formula = f"ROUND({self._sum('Exports', 'volume', criteria)}-SUM({above}),6)"
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
        unit, shown = self._unit("unit")
        formula = f'={scenario}&": {what} of "&{family}&", "&{unit[1:]}'
        value = f"{self.chosen['scenario']}: {what} of {self.chosen['commodity']}, {shown}"
        self.sheet.write_formula(row, self._numbers, formula, self.styles.question, value)
        return [NAME, row, self._numbers]

    def _worth_chart(self) -> Any:
        first, area = self.row, self.ranges["Summary"]
        value_name = self.content.value_name
        self.sheet.write_string(first - 1, _BEHIND, f"Change of {value_name} by scenario", self.styles.question)
        lines = [line for line in self.content.lines if line.value is not None]
        base = lines[0].value or 0.0
        for i, line in enumerate(lines):
            place = xl_rowcol_to_cell(first + i, _BEHIND, False, True)
            self.sheet.write_string(first + i, _BEHIND, line.name, self.styles.number("text"))
            pairs = f'{area.of("measure")},"objective"'
            one, other = (
                f"SUMIFS({area.of('present_value')},{area.of('scenario')},{cell},{pairs})"
                for cell in (place, f"${xl_col_to_name(_BEHIND)}${first + 1}")
            )
            change = (line.value or 0.0) - base
            self.sheet.write_formula(first + i, _BEHIND + 1, f"={one}-{other}", self.styles.number("money"), change)
        self.row = first + len(lines) + 3
        title = f"Change of {value_name} against {lines[0].name}, million USD"
        return self._bars(first + 1, len(lines) - 1, title, _COLOURS[0])

    def _rents_chart(self, names: Sequence[str]) -> Any:
        first, frame = self.row, self.content.frames["Capacity"]
        scenario, period = self.chosen["scenario"], self.chosen["period"]
        now = frame[(frame["scenario"] == scenario) & (frame["period"] == period)]
        cell = xl_rowcol_to_cell(first - 1, _BEHIND, True, True)
        formula = f'={self.cell["scenario"]}&": rents in "&{self.cell["period"]}&", million USD"'
        said = f"{scenario}: rents in {period}, million USD"
        self.sheet.write_formula(cell, formula, self.styles.question, said)
        for i, name in enumerate(names):
            place = xl_rowcol_to_cell(first + i, _BEHIND, False, True)
            self.sheet.write_string(first + i, _BEHIND, name, self.styles.number("text"))
            formula = self._sum("Capacity", "rent", {"name": place, "period": self.cell["period"]})
            value = float(now.loc[now["name"] == name, "rent"].sum())
            formula = f"={formula.format(scenario=self.cell['scenario'])}"
            self.sheet.write_formula(first + i, _BEHIND + 1, formula, self.styles.number("money"), value)
        self.row = first + len(names) + 3
        return self._bars(first, len(names), [NAME, first - 1, _BEHIND], "#D55E00")

    def _bars(self, first: int, count: int, title: Any, colour: str) -> Any:
        chart = self.book.add_chart({"type": "bar"})
        last = first + count - 1
        chart.add_series(
            {
                "name": "million USD",
                "categories": [NAME, first, _BEHIND, last, _BEHIND],
                "values": [NAME, first, _BEHIND + 1, last, _BEHIND + 1],
                "fill": {"color": colour},
                "gap": 40,
                "data_labels": {"value": True, "num_format": "#,##0"},
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


def _sum(frame: pd.DataFrame, column: str, scenario: str, which: Mapping[str, str]) -> float:
    found = frame["scenario"] == scenario
    for name, value in which.items():
        found &= frame[name] == value
    return float(frame.loc[found, column].sum())
