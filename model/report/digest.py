"""The short summary of a run in the console."""

from __future__ import annotations

from collections.abc import Sequence

from model.report.console import Screen
from model.report.content import Content, shown, some_periods
from model.report.early import percent
from model.report.headlines import Breakdown
from model.report.scarce import FullRow

_MOST = 8


def say_digest(screen: Screen, content: Content) -> None:
    """Value, exports by exporter and corridor, and what is full; with several scenarios one line each first."""
    first = content.first
    if len(content.lines) > 1:
        _say_scenarios(screen, content)
    else:
        screen.line()
        screen.line(f"{content.title}: {content.value_name} {shown(first.value)} million USD", style="bold")
        line = content.lines[0]
        if line.gap is not None and not line.early:
            screen.line(f"Whole units: within {percent(line.gap)} of the best ({shown(line.bound)} at best).")
    for warning in content.warnings:
        screen.line(warning, style="bold yellow")
    where = f", scenario {first.scenario}" if len(content.lines) > 1 else ""
    _say_breakdowns(screen, f"Exports by exporter{where}", first.exporters)
    _say_breakdowns(screen, f"Exports by corridor{where}", first.corridors)
    _say_full(screen, f"Full{where}", content.full)
    _say_built(screen, f"Built{where}", content)


def _say_scenarios(screen: Screen, content: Content) -> None:
    screen.heading(f"{content.title}: {content.value_name} by scenario, million USD")
    whole = any(line.gap is not None for line in content.lines)
    rows = [
        [
            line.name,
            shown(line.value) if line.value is not None else line.status,
            "" if line.change is None else f"{line.change:+,.1f}",
            *([percent(line.gap), shown(line.bound)] if whole else []),
        ]
        for line in content.lines
    ]
    header = ["scenario", content.value_name, f"against {content.first.scenario}"]
    screen.table([*header, *(["gap", "at best"] if whole else [])], rows)


def _say_breakdowns(screen: Screen, title: str, breakdowns: Sequence[Breakdown]) -> None:
    for breakdown in breakdowns:
        at = some_periods(breakdown.periods)
        top = breakdown.largest(_MOST)
        most = float(top.total.max())
        lines = [*zip(top.names, top.volumes, strict=True), *([("total", top.total)] if len(top.names) > 1 else [])]
        rows = [[name, *(shown(float(volumes[t]), most) for t in at)] for name, volumes in lines]
        screen.heading(f"{title}: {breakdown.family}, {breakdown.unit}")
        screen.table(["", *(breakdown.periods[t] for t in at)], rows)


def _say_full(screen: Screen, title: str, full: Sequence[FullRow]) -> None:
    screen.heading(f"{title}, and the value of one more unit")
    if not full:
        screen.line("Nothing is full at a price.")
        return
    rows = [[row.name, row.kind, row.periods, _range(row), row.unit] for row in full[:_MOST]]
    screen.table(["", "kind", "in", "value", "unit"], rows, text_columns=3)
    if len(full) > _MOST:
        screen.line(f"and {len(full) - _MOST} more: sheet Capacity")


def _say_built(screen: Screen, title: str, content: Content) -> None:
    plan = content.frames["Plan"]
    rows = plan[(plan["scenario"] == content.first.scenario) & (plan["units"] > 0)]
    if not len(rows):
        return
    screen.heading(title)
    columns = ["project", "period", "unit", "units", "capacity_built", "capex"]
    top = rows.sort_values("capex", ascending=False).head(2 * _MOST)[columns]
    table = [
        [name, period, shown(units), shown(capacity), unit, shown(capex)]
        for name, period, unit, units, capacity, capex in top.itertuples(index=False, name=None)
    ]
    screen.table(["", "started in", "units", "capacity", "unit", "capex, million USD"], table, text_columns=2)
    if len(rows) > 2 * _MOST:
        screen.line(f"and {len(rows) - 2 * _MOST} more: sheet Plan")


def _range(row: FullRow) -> str:
    least, most = shown(row.least, row.most), shown(row.most)
    return least if least == most else f"{least} to {most}"
