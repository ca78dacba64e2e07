"""Pictures, workbook and page of a batch: they show the numbers of its tables, whatever the names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from model.analysis.batch.design import listed
from model.analysis.designs.carrying_out import Outcome, carry_out
from model.analysis.designs.kinds import KINDS, design_for
from model.analysis.designs.meanings import QUESTIONS, meaning_of
from model.case import Case
from model.errors import ModelError
from model.report.sweep.figures import figure_of
from model.report.sweep.pictures import Bars, Fan, Histogram, Picture, Scatter, Swings, in_words, pictures_of
from model.report.sweep.write import OVERVIEW, write_sweep
from tests.browser import NAMES, Page
from tests.cases import read
from tests.design_runs import runner, two_roads, two_years, vary
from tests.programs import program

TARIFF = vary("south tariff", "Links:south:tariff", "set", 5, 245)
PRICE = vary("prices", "Demand:*:price", "multiply", 0.8, 1.2)
PIPE = vary("pipe", "Links:north:capacity", "add", -3, 4)
RUNS = {"sample": 20, "grid": 27, "morris": 16, "sobol": 80}


def outcome_of(kind: str, case: Case, **options: Any) -> Outcome:
    return carry_out(case, design_for(case, kind, **options), runner(case))


@pytest.fixture(scope="module")
def case() -> Case:
    return read(two_years(TARIFF, PRICE, PIPE))


@pytest.fixture(scope="module")
def outcomes(case: Case) -> dict[str, Outcome]:
    return {kind: outcome_of(kind, case, runs=RUNS.get(kind)) for kind in KINDS if kind != "scenarios"}


def keys(pictures: list[Picture]) -> list[str]:
    return [one.key for one in pictures]


def test_every_column_of_every_table_has_a_meaning(outcomes: dict[str, Outcome]) -> None:
    told = {name for outcome in outcomes.values() for name in outcome.tables}
    assert told | {"Scenarios", "Causes"} == set(QUESTIONS)
    for outcome in outcomes.values():
        for table in outcome.tables.values():
            for column in table.columns:
                meaning, format_ = meaning_of(str(column))
                assert meaning
                assert (format_ == "text") == (not pd.api.types.is_numeric_dtype(table[column]) and len(table) > 0) or (
                    table.empty
                )
    with pytest.raises(KeyError):
        meaning_of("nonsense")


def test_each_kind_has_its_pictures(case: Case, outcomes: dict[str, Outcome]) -> None:
    sample = ["value", "leading_corridor", "exports_1", "exports_2"]
    assert {kind: keys(pictures_of(case, outcome)) for kind, outcome in outcomes.items()} == {
        "tornado": ["tornado"],
        "grid": ["leading_corridor"],
        "sample": sample,
        "morris": ["morris"],
        "sobol": ["sobol", *sample],
        "outages": ["outages", "outage_pairs"],
    }


def test_pictures_hold_the_numbers_of_the_tables(case: Case, outcomes: dict[str, Outcome]) -> None:
    drawn = {
        one.key: one.drawing for kind in ("tornado", "sample", "outages") for one in pictures_of(case, outcomes[kind])
    }
    swings, table = drawn["tornado"], outcomes["tornado"].tables["Tornado"]
    assert isinstance(swings, Swings)
    assert swings.names == tuple(table["input"])
    assert swings.low == tuple(table["value_low"])
    assert swings.present == table["value_present"].iloc[0]
    value = outcomes["sample"].frame["value"]
    histogram = drawn["value"]
    assert isinstance(histogram, Histogram)
    assert sum(histogram.counts) == len(value)
    assert histogram.edges[0] == value.min()
    fan, quantiles = drawn["exports_1"], outcomes["sample"].tables["Export quantiles"]
    assert isinstance(fan, Fan)
    assert fan.periods == ("2026", "2027")
    assert fan.quantiles[2] == tuple(quantiles[quantiles["corridor"] == "south"]["p50"])
    scatter = drawn["leading_corridor"]
    assert isinstance(scatter, Scatter)
    assert {name: len(x) for name, (x, _) in scatter.groups.items()} == dict(
        outcomes["sample"].tables["Leading corridors"].set_index("corridor")["runs"]
    )
    both = next(one.drawing for one in pictures_of(case, outcomes["sobol"]) if one.key == "value")
    assert isinstance(both, Histogram)
    assert sum(both.counts) == 2 * len(outcomes["sobol"].frame) / 5  # A and B of five runs a base point
    bars = drawn["outages"]
    assert isinstance(bars, Bars)
    assert bars.series[0].lengths == tuple(outcomes["outages"].tables["Outages"]["lost_per_day"])


def test_one_period_gives_bars_with_intervals_instead_of_a_fan() -> None:
    case = read(two_roads(PIPE))
    found = next(one for one in pictures_of(case, outcome_of("sample", case, runs=10)) if one.key == "exports_oil")
    assert isinstance(found.drawing, Bars)
    series = found.drawing.series[0]
    assert series.low is not None
    assert series.high is not None
    assert series.low[0] <= series.lengths[0] <= series.high[0]


def test_a_scatter_of_very_many_runs_shows_the_first_and_says_so(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.report.sweep.pictures.MOST_POINTS", 8)
    outcome = outcome_of("sample", case, runs=10)
    found = next(one for one in pictures_of(case, outcome) if one.key == "leading_corridor")
    assert isinstance(found.drawing, Scatter)
    assert sum(len(x) for x, _ in found.drawing.groups.values()) == 8
    assert found.note.endswith("The first 8 of 10 runs are shown.")


def test_a_list_of_runs_is_told_like_a_sample(case: Case) -> None:
    runs = [{"Links:south:tariff": float(tariff)} for tariff in range(10, 80, 10)]
    outcome = carry_out(case, listed(runs), runner(case))
    assert list(outcome.tables) == ["Runs", "Spread", "Export quantiles", "Leading corridors", "Inputs"]
    assert "value" in keys(pictures_of(case, outcome))


def test_numbers_in_words() -> None:
    assert [in_words(one) for one in (1234567.8, -1000, 999.94, 0.01234)] == ["1,234,568", "-1,000", "999.9", "0.01234"]


def test_the_files_of_a_batch(tmp_path: Path, case: Case, outcomes: dict[str, Outcome]) -> None:
    paths = write_sweep(tmp_path, case, outcomes["sobol"])
    assert [path.relative_to(tmp_path).as_posix() for path in paths[:4]] == [
        "sweep.xlsx", "sweep.html", "pictures/sobol.png", "pictures/sobol.svg"
    ]  # fmt: skip
    assert all(path.stat().st_size > 1000 for path in paths)
    assert paths[2].read_bytes().startswith(b"\x89PNG")
    svg = paths[3].read_text(encoding="utf-8")
    assert "south tariff" in svg
    again = write_sweep(tmp_path / "again", case, outcomes["sobol"])
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]


def test_the_workbook_has_native_charts_and_every_table(
    tmp_path: Path, case: Case, outcomes: dict[str, Outcome]
) -> None:
    book = openpyxl.load_workbook(write_sweep(tmp_path, case, outcomes["sobol"])[0])
    tables = ["Sobol", "Spread", "Export quantiles", "Leading corridors", "Inputs", "Runs"]
    assert book.sheetnames == [OVERVIEW, *tables, "All runs", "Glossary", "Chart data"]
    assert len(book[OVERVIEW]._charts) == 5
    table = outcomes["sobol"].tables["Sobol"]
    header, *rows = book["Sobol"].iter_rows(min_row=5, values_only=True)
    assert list(header) == list(table.columns)
    assert [row[2] for row in rows] == pytest.approx(table["first"].tolist(), nan_ok=True)
    header, *rows = book["All runs"].iter_rows(min_row=5, values_only=True)
    assert header == ("run", "label", "scenario", "status", "value", "south tariff", "prices", "pipe")
    assert len(rows) == len(outcomes["sobol"].frame)


def hostile() -> Case:
    """Names that a spreadsheet, a page, a picture or a folder could take for something else."""
    tables = two_years(
        {**TARIFF, "range": "CON"},
        {**PRICE, "range": "value"},
        {**PIPE, "range": "x" * 200, "group": "<script>alert(1)</script>"},
    )
    tables["Settings"][0]["value"] = '=HYPERLINK("a") <b>$x^2$</b>'
    return read(tables)


@pytest.mark.parametrize("kind", ["tornado", "sample", "sobol"])
def test_names_are_texts_everywhere(tmp_path: Path, kind: str) -> None:
    case = hostile()
    paths = write_sweep(tmp_path, case, outcome_of(kind, case, runs=RUNS.get(kind)))
    assert {path.parent for path in paths} == {tmp_path, tmp_path / "pictures"}
    assert all(re.fullmatch(r"[a-z0-9_]+\.(xlsx|html|png|svg)", path.name) for path in paths)
    book = openpyxl.load_workbook(paths[0])
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert book[OVERVIEW]["A1"].value.startswith('=HYPERLINK("a") <b>$x^2$</b>')
    headers = [cell.value for cell in book["All runs"][5]]
    assert headers[:8] == ["run", "label", "scenario", "status", "value", "CON", "value (range)", "x" * 200]
    assert "<script>alert" not in paths[1].read_text(encoding="utf-8")


def test_a_figure_of_the_page_holds_no_markup() -> None:
    case = hostile()
    _, figure = figure_of(pictures_of(case, outcome_of("tornado", case))[0])
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in figure["layout"]["yaxis"]["ticktext"]
    assert "<script" not in str(figure)


def test_a_batch_without_a_single_plan_is_written_all_the_same(tmp_path: Path, case: Case) -> None:
    design = design_for(case, "sample", runs=5)
    frame = pd.DataFrame({"run": range(5), "label": design.labels, "scenario": "base", "status": "infeasible"})
    outcome = carry_out(case, design, lambda _: frame.assign(value=np.nan))
    paths = write_sweep(tmp_path, case, outcome)
    assert [path.name for path in paths] == ["sweep.xlsx", "sweep.html"]
    book = openpyxl.load_workbook(paths[0])
    assert "5 runs are infeasible: left out" in book[OVERVIEW]["A2"].value


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path, case: Case, outcomes: dict[str, Outcome]) -> None:
    (tmp_path / "sweep.xlsx").mkdir()
    with pytest.raises(ModelError, match="The batch could not be written"):
        write_sweep(tmp_path, case, outcomes["tornado"])


def test_the_page_shows_the_pictures_and_asks_for_nothing(
    tmp_path: Path, case: Case, outcomes: dict[str, Outcome]
) -> None:
    path = write_sweep(tmp_path, case, outcomes["sample"])[1]
    for width, dark in ((1300, False), (390, True)):
        with Page(program(*NAMES), width, 900, dark=dark) as page:
            page.open(path)
            page.draw()
            assert (page.asked, page.faults) == ([], [])
            assert page.value("document.querySelectorAll('.js-plotly-plot').length") == 4
            assert page.value("document.documentElement.scrollWidth") <= width
            counts = page.value("document.querySelector('.js-plotly-plot').data[0].y.reduce((a, b) => a + b)")
            assert counts == 20
            page.choose("table", "Spread")
            rows = page.value("document.querySelectorAll('#rows tbody tr').length")
            assert rows == len(outcomes["sample"].tables["Spread"])
