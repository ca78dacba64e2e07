"""The cells of the dashboard: what can be chosen, the lists behind it, and figures that follow the choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from model.report.content import Content
from model.report.scarce import FULL
from model.report.styles import Styles

if TYPE_CHECKING:
    import pandas as pd

BEHIND: Final = 14  # first column of the numbers behind the charts
FIRST_FIGURE: Final = 9
_PICKERS: Final = ("scenario", "compared with", "commodity", "period")


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


class Board:
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
        """Title, pickers and links."""
        sheet, styles = self.sheet, self.styles
        sheet.set_column(0, 0, 46)
        sheet.set_column(1, 3, 17)
        sheet.set_column(4, 4, 14)
        sheet.set_column(5, 5, 3)
        sheet.set_column(6, 12, 16)
        sheet.write_string(0, 0, self.content.title, styles.headline)
        said = f"Results of {self.content.workbook}. Choose in the four yellow cells; figures and charts follow."
        sheet.write_string(1, 0, said, styles.question)
        sheet.write_string(2, 0, self.content.mark, styles.warning)
        for i, name in enumerate(_PICKERS):
            sheet.write_string(3 + i, 0, name.capitalize(), styles.left_header)
            sheet.write_string(3 + i, 1, self.chosen[name], styles.picker)
        sheet.write_string(2, 6, "Sheets", styles.left_header)
        half = -(-len(sheets) // 3)
        for i, name in enumerate(sheets):
            sheet.write_url(3 + i % half, 6 + 2 * (i // half), f"internal:'{name}'!A1", styles.link, name)

    def lists(self) -> None:
        """The lists from which is chosen, and the names in the charts by family."""
        self.sheet.write_string(1, BEHIND, "Numbers behind the figures and charts", self.styles.question)
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
        column = BEHIND + offset
        self.sheet.write_string(2, column, name, self.styles.left_header)
        for i, value in enumerate(values):
            self.sheet.write_string(3 + i, column, str(value), self.styles.number("text"))
        letter = xl_col_to_name(column)
        self.place[name] = f"${letter}$4:${letter}${3 + len(values)}" if values else ""

    def figures(self) -> None:
        """A few figures for the chosen scenario, the one that it is compared with, and the difference."""
        head = FIRST_FIGURE - 1
        for column, name in enumerate(("figure", "chosen", "compared with", "difference", "unit")):
            style = self.styles.right_header if 0 < column < 4 else self.styles.indented_header if column else None
            self.sheet.write_string(head, column, name, style or self.styles.left_header)
        for i, (label, formula, values, unit, look) in enumerate(self._figures()):
            row, style = FIRST_FIGURE + i, self.styles.number(look)
            self._write(row, 0, label, None)
            for column, (picker, value) in enumerate(zip(_PICKERS[:2], values, strict=True), 1):
                self.sheet.write_formula(row, column, f"={formula.format(scenario=self.cell[picker])}", style, value)
            left, right = xl_rowcol_to_cell(row, 1), xl_rowcol_to_cell(row, 2)
            # a difference of rounding is none
            self.sheet.write_formula(row, 3, f"=ROUND({left}-{right},6)", style, round(values[0] - values[1], 6) + 0.0)
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
            return self.sum_of("Summary", column, criteria), [_sum(summary, column, s, values) for s in names]

        money = {"family": family, "origin": '"all"', "period": period, "unit": '"million USD"'}
        rows: list[tuple[tuple[str, str], str, list[float], tuple[str, str], str]] = []
        total = f"{self.content.value_name.capitalize()}, all commodities and periods, discounted"
        rows.append((("", total), *of_summary("objective", "present_value"), million, "money"))
        for column, unit in (("volume", "unit"), ("trade_volume", "trade")):
            criteria = {"by": '"exporter"', "family": family, "period": period}
            values = {"by": "exporter", "family": what, "period": when}
            found = [_sum(exports, column, s, values) for s in names]
            rows.append(
                (label("Exports"), self.sum_of("Exports", column, criteria), found, self.unit_of(unit), "volume")
            )
        rows.append((label("Sales"), *of_summary("sales", "value", **money), million, "money"))
        rows.append((label("Tariffs, a cost,"), *of_summary("tariffs", "value", **money), million, "money"))
        rents = [_sum(capacity, "rent", s, {"period": when}) for s in names]
        text = label("Rents of scarce capacities", of_family=False)
        rows.append((text, self.sum_of("Capacity", "rent", {"period": period}), rents, million, "money"))
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

    def sum_of(self, table: str, column: str, criteria: Mapping[str, str]) -> str:
        """The formula that adds up a column where other columns meet criteria; ``{scenario}`` is left open in it."""
        area = self.ranges[table]
        pairs = {"scenario": "{scenario}", **criteria}
        return f"SUMIFS({area.of(column)},{','.join(f'{area.of(name)},{value}' for name, value in pairs.items())})"

    def unit_of(self, name: str) -> tuple[str, str]:
        """The unit of the chosen commodity, own (``unit``) or of the trade (``trade``), as formula and text."""
        formula = f"=INDEX({self.place[name]},MATCH({self.cell['commodity']},{self.place['commodity']},0))"
        family = self.chosen["commodity"]
        unit = "unit" if name == "unit" else "trade_unit"
        return (formula, str(self.units[family][unit])) if self.families else ("", "")


def _sum(frame: pd.DataFrame, column: str, scenario: str, which: Mapping[str, str]) -> float:
    found = frame["scenario"] == scenario
    for name, value in which.items():
        found &= frame[name] == value
    return float(frame.loc[found, column].sum())
