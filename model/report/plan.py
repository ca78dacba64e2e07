"""The workbook of a study of plans: a summary with the regrets of every plan and their chart, and every table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.analysis.plan.found import Plan, Study, Worth
from model.analysis.plan.tables import FAILURES, MILLIONS, TABLES, built, status_of, worths
from model.report.excel import SUMMARY, new_sheet, write_table
from model.report.styles import Styles
from model.report.table_text import file_name, write_csv
from model.workbook.book import new_book

if TYPE_CHECKING:
    pass

WORKBOOK: Final = "plan.xlsx"
_COLOURS: Final = (
    "#1F4E79", "#D97706", "#4D9078", "#9B2226", "#7B6FA8", "#5FA8D3", "#C9A227", "#6B705C", "#B8BDC7",
)  # fmt: skip
_FIRST: Final = 3  # row below the title
_NO: Final = "impossible"
_WORST: Final = "worst"
_HEADINGS: Final = {
    "expected": "The plan with the best expected value",
    "regret": "The plan with the least largest regret",
    "cvar": "The plan with the best mean of the worst outcomes",
}


def write_plan(study: Study, folder: Path) -> None:
    """Write plan.xlsx and its tables as CSV into a folder."""
    frames = {table.name: table.frame(study) for table in TABLES}
    for name, frame in frames.items():
        write_csv(frame, folder / file_name(name))
    with new_book(folder / WORKBOOK, f"{study.case.settings.title}: plans") as book:
        styles = Styles(book)
        _write_summary(book, new_sheet(book, SUMMARY), styles, study)
        mark = stopped_mark(study)
        for number, table in enumerate(TABLES):
            frame = frames[table.name]
            # every plan can be carried out everywhere: a sheet that says so is no use
            if len(frame) or table is not FAILURES:
                write_table(new_sheet(book, table.name), styles, table, frame, 0, number, mark)


def headline(study: Study, plan: Plan) -> list[str]:
    """What a plan by a criterion says, in sentences."""
    what = ", ".join(f"{name} ({units:,.4g} from {period})" for name, units, period in built(study, plan)) or "nothing"
    low, high = study.regret(plan)
    worst = int(np.argmax(low))
    lines = [f"{_HEADINGS[plan.criterion]} builds {what}."]
    lines.append(
        f"Its largest regret is {money(Worth(low.max(), high.max()))} {MILLIONS}, in {study.scenarios[worst]}."
    )
    if study.probability is not None:
        expected, tail = study.sign * study.expected(plan), study.sign * study.tail(plan)
        share = f"{study.case.settings.tail:.0%}"
        lines.append(f"Expected {study.goal} {expected:,.1f}; mean of the worst {share} {tail:,.1f} {MILLIONS}.")
    return lines


def money(worth: Worth) -> str:
    """A number, or the bracket in which it lies."""
    if worth.reason:
        return f"none: {worth.reason}"
    low, high = f"{worth.low:,.1f}", f"{worth.high:,.1f}"
    return low if low == high else f"{low} to {high}"


def stopped_mark(study: Study) -> str:
    """What every sheet says where some search was ended early; empty where none was."""
    stopped = [plan.name for plan in study.plans if "ended early" in status_of(study, plan)]
    return f" NOT PROVEN BEST: the search for {', '.join(stopped)} was ended early; see Plans." if stopped else ""


def early(study: Study) -> list[str]:
    """What is not proven, one sentence a plan."""
    return [
        f"{plan.name}: {status_of(study, plan)}."
        for plan in study.plans
        if "ended early" in status_of(study, plan) or "to within" in status_of(study, plan)
    ]


def _write_summary(book: Any, sheet: Any, styles: Styles, study: Study) -> None:
    sheet.set_column(0, 0, 34)
    widest = max(map(len, study.scenarios))
    sheet.set_column(1, max(len(study.scenarios) + 1, len(study.plans)), min(max(15, widest + 2), 30))
    sheet.write_string(0, 0, f"{study.case.settings.title}: a plan that survives", styles.headline)
    question = f"What to build when one plan must do for {len(study.scenarios)} scenarios, and flows follow what comes?"
    sheet.write_string(1, 0, question, styles.question)
    row = _FIRST
    for notice in (*study.choice.notices, *early(study)):
        sheet.write_string(row, 0, notice, styles.warning)
        row += 1
    row += row > _FIRST
    for plan in (one for one in study.plans if one.criterion):
        sheet.write_string(row, 0, f"By {plan.criterion}", styles.section)
        for line in headline(study, plan):
            row += 1
            sheet.write_string(row, 0, line)
        row += 2
    row = _write_worths(sheet, styles, study, row)
    top = _write_units(sheet, styles, study, row)
    _write_regrets(book, sheet, styles, study, top)


def _write_worths(sheet: Any, styles: Styles, study: Study, row: int) -> int:
    sheet.write_string(row, 0, "What knowing more is worth", styles.section)
    for name, meaning, worth in worths(study):
        row += 1
        said = money(worth) if worth.reason else f"{money(worth)} {MILLIONS}"
        sheet.write_string(row, 0, f"{name}: {said}")
        row += 1
        sheet.write_string(row, 0, f"{meaning}.", styles.question)
    return row + 2


def _write_units(sheet: Any, styles: Styles, study: Study, row: int) -> int:
    """Projects by plan: units, and when the first is begun."""
    sheet.write_string(
        row, 0, "What each plan builds: units, and the period in which the first is begun", styles.section
    )
    row += 1
    found = [{name: f"{units:,.4g} ({period})" for name, units, period in built(study, plan)} for plan in study.plans]
    names = [name for name in study.case["Projects"].keys if any(name in one for one in found)]
    _write_header(sheet, styles, row, ["", *(plan.name for plan in study.plans)])
    for name in names:
        row += 1
        sheet.write_string(row, 0, name)
        for column, one in enumerate(found, 1):
            sheet.write_string(row, column, one.get(name, "–"), styles.right)
    return row + 2


def _write_regrets(book: Any, sheet: Any, styles: Styles, study: Study, row: int) -> None:
    sheet.write_string(row, 0, f"Regret of each plan in each scenario, {MILLIONS}", styles.section)
    sheet.write_string(
        row + 1,
        0,
        "What it loses against the best that could have been built for that scenario alone.",
        styles.question,
    )
    top = row + 2
    _write_header(sheet, styles, top, ["", *study.scenarios, _WORST])
    for i, plan in enumerate(study.plans, top + 1):
        sheet.write_string(i, 0, plan.name, styles.bold if plan.criterion else None)
        low, high = study.regret(plan)
        cells = [*zip(low.tolist(), high.tolist(), strict=True), (float(low.max()), float(high.max()))]
        for column, (least, most) in enumerate(cells, 1):
            if np.isnan(least):
                sheet.write_string(i, column, _NO, styles.right)
            elif least == most:
                sheet.write_number(i, column, least, styles.number("money"))
            else:
                sheet.write_string(i, column, money(Worth(least, most)), styles.right)
    last = top + len(study.plans)
    sheet.set_h_pagebreaks([last + 1])
    chart = _chart(book, sheet.get_name(), study, top, last)
    sheet.insert_chart(last + 2, 0, chart, {"description": "Regret of each plan in each scenario"})


def _write_header(sheet: Any, styles: Styles, row: int, names: list[str]) -> None:
    for column, name in enumerate(names):
        sheet.write_string(row, column, name, styles.wrapped_header if column else styles.left_header)


def _chart(book: Any, sheet: str, study: Study, top: int, last: int) -> Any:
    """Bars by plan, one colour a scenario; what cannot be carried out has none."""
    chart = book.add_chart({"type": "column"})
    for i, _ in enumerate(study.scenarios):
        chart.add_series(
            {
                "name": [sheet, top, i + 1],
                "categories": [sheet, top + 1, 0, last, 0],
                "values": [sheet, top + 1, i + 1, last, i + 1],
                "fill": {"color": _COLOURS[i % len(_COLOURS)]},
                "gap": 60,
            }
        )
    chart.set_title({"name": f"Regret by plan and scenario, {MILLIONS}", "name_font": {"size": 12}})
    lines = {"visible": True, "line": {"color": "#E5E7EB"}}
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": lines, "min": 0})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": max(760, 26 * len(study.plans) * len(study.scenarios) // 2), "height": 400})
    return chart
