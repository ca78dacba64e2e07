"""The shipped tutorial: what the model finds is what the arithmetic in the README says.

All money in USD/t; 7.5 barrels a tonne for both grades.

    at the Hub     West  500 − 4·7.5 = 470          Grade A and B alike
                   South 60·7.5 − 20 − 15 = 415     Grade A; Grade B fetches 2·7.5 = 15 less: 400
    cost to Hub    Grade A 40 + 10 = 50, Grade B 60 + 5 = 65
    margins        A West 420, A South 365, B West 405, B South 335
    fleet          2·1200/(24·10) + 2 = 12 days; 3 vessels · 360/12 · 0.1 Mt = 9 Mt
    contract       0.8·5 = 4 Mt of Grade A West, or 20 for each tonne short

Everything is worth selling: 10 of A and 4 of B, 6 West and 8 South. Grade B loses 15 in the South, but a missing tonne
of Grade A costs 20, so A ships its 4 West and B has the other 2.

    base    4·420 + 6·365 + 2·405 + 2·335            = 5350
    outage  3·420 + 7·365 + 2·335 − 1·20             = 4465
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from model.api import Run, read_case, solve
from model.case import Case
from model.scenario import with_changes

ROOT = Path(__file__).resolve().parent.parent
BASE, OUTAGE = "base", "pipe_outage"


@pytest.fixture(scope="module")
def tutorial() -> Case:
    return read_case(ROOT / "inputs" / "tutorial.xlsx")


@pytest.fixture(scope="module")
def runs(tutorial: Case) -> dict[str, Run]:
    return {name: solve(tutorial, name) for name in (BASE, OUTAGE)}


def flows(run: Run) -> dict[tuple[str, str], float]:
    table = run.flows
    return dict(zip(zip(table["link"], table["commodity"], strict=True), table["flow"], strict=True))


def test_six_nodes_and_every_row_says_where_it_comes_from(tutorial: Case) -> None:
    assert len(tutorial["Nodes"]) == 6
    for sheet in ("Nodes", "Supply", "Demand", "Links", "Uses", "Fleets", "Contracts", "Scenarios", "Changes"):
        table = tutorial[sheet]
        assert len(table), sheet
        assert table.words["source"] == ("Tutorial",) * len(table), sheet
        assert all(table.words["note"]), sheet


@pytest.mark.parametrize(("name", "value"), [(BASE, 5350), (OUTAGE, 4465)])
def test_value(runs: dict[str, Run], name: str, value: float) -> None:
    assert runs[name].value == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "west", "south"), [(BASE, (4, 2), (6, 2)), (OUTAGE, (3, 0), (7, 2))], ids=(BASE, OUTAGE)
)
def test_flows(runs: dict[str, Run], name: str, west: tuple[float, float], south: tuple[float, float]) -> None:
    """Produced is what is sold; each route carries (Grade A, Grade B) in Mt."""
    expected = {("Line A", "Grade A"): west[0] + south[0], ("Line B", "Grade B"): west[1] + south[1]}
    for link, volumes in (("West pipe", west), ("Port line", south), ("Sea leg", south)):
        expected |= {(link, "Grade A"): volumes[0], (link, "Grade B"): volumes[1]}
    assert flows(runs[name]) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("name", "at_hub", "at_field"), [(BASE, (415, 400), (405, 395)), (OUTAGE, (80, 65), (70, 60))], ids=(BASE, OUTAGE)
)
def test_prices(runs: dict[str, Run], name: str, at_hub: tuple[float, float], at_field: tuple[float, float]) -> None:
    """Base: a tonne more at the Hub would sail. Outage: it would push out Grade B, of which a tonne costs 65."""
    prices = runs[name].prices.set_index(["node", "commodity"])["value"]
    assert prices["Hub", "Grade A"] == pytest.approx(at_hub[0])
    assert prices["Hub", "Grade B"] == pytest.approx(at_hub[1])
    assert prices["Field A", "Grade A"] == pytest.approx(at_field[0])
    assert prices["Field B", "Grade B"] == pytest.approx(at_field[1])
    assert prices["Market West", "Grade A"] == pytest.approx(500)
    assert prices["Market South", "Grade A"] == pytest.approx(450)
    assert prices["Market South", "Grade B"] == pytest.approx(435)


@pytest.mark.parametrize(("name", "pipe", "tankers"), [(BASE, 70, 0), (OUTAGE, 410, 335)], ids=(BASE, OUTAGE))
def test_value_of_one_more_unit(runs: dict[str, Run], name: str, pipe: float, tankers: float) -> None:
    """Base: Grade B turns West, 470 − 400. Outage: Grade A turns West, 55 + 20, and B sails in its place, 335."""
    capacity = runs[name].capacity.set_index("name")
    assert capacity.loc["West pipe", "value"] == pytest.approx(pipe)
    assert capacity.loc["West pipe", "share_used"] == pytest.approx(1)
    assert capacity.loc["Tankers", "value_per_t"] == pytest.approx(tankers, abs=1e-7)
    assert capacity.loc["Tankers", "capacity"] == pytest.approx(9 * 12 * 10), "9 Mt in cargoes of 0.1 Mt and 12 days"
    assert capacity.loc[["Line A", "Line B", "Port line"], "value"].tolist() == pytest.approx([0, 0, 0], abs=1e-7)


@pytest.mark.parametrize(("name", "lifted", "paid"), [(BASE, 4, 0), (OUTAGE, 3, 20)], ids=(BASE, OUTAGE))
def test_contract(runs: dict[str, Run], name: str, lifted: float, paid: float) -> None:
    contract = runs[name].contract_balance.iloc[0]
    assert contract["due"] == pytest.approx(4)
    assert contract["lifted"] == pytest.approx(lifted)
    assert contract["short"] == pytest.approx(4 - lifted, abs=1e-7)
    assert contract["paid"] == pytest.approx(paid, abs=1e-7)


@pytest.mark.parametrize(
    ("address", "new", "value", "pipe", "west"),
    [
        pytest.param("Links:West pipe:capacity", 7, 5420, 70, (4, 3), id="a wider pipe: 5350 + 70"),
        pytest.param(
            "Contracts:Ship or pay West:shortfall_price", 10, 5360, 65, (2, 4), id="paying beats shipping: 2·15 − 2·10"
        ),
        pytest.param("Markers:Brent:value", 70, 5955, 0, (4, 1), id="dear Brent: tankers fill, 1 Mt of pipe is idle"),
    ],
)
def test_reruns(tutorial: Case, address: str, new: float, value: float, pipe: float, west: tuple[float, float]) -> None:
    """Each change that the README invites to, with what it says will be seen."""
    run = solve(with_changes(tutorial, {address: new}))
    assert run.value == pytest.approx(value)
    assert run.capacity.set_index("name").loc["West pipe", "value"] == pytest.approx(pipe, abs=1e-7)
    assert [flows(run)["West pipe", grade] for grade in ("Grade A", "Grade B")] == pytest.approx(list(west), abs=1e-7)


def _tutorial_text() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.split("## Tutorial", 1)[1].split("\n## ", 1)[0]


def test_readme_quotes_the_figures_of_the_results(runs: dict[str, Run]) -> None:
    """The scenario table and the sums of the README, read from the text and compared with the solved case."""
    text = _tutorial_text()
    rows = {cells[0]: cells[1:] for cells in map(_cells, text.splitlines()) if len(cells) == 3}
    for label, figure in _figures(runs).items():
        assert label in rows, f"the README's table lacks {label!r}"
        assert [float(cell.replace(",", "")) for cell in rows[label]] == pytest.approx(figure, abs=1e-7), label
    for sum_ in ("= 5350 million USD", "= 4465 million USD", "5420", "5360", "5955"):
        assert sum_ in text


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []


def _figures(runs: dict[str, Run]) -> dict[str, list[Any]]:
    both = [runs[BASE], runs[OUTAGE]]
    capacity = [run.capacity.set_index("name") for run in both]
    return {
        "Grade A West, Mt": [flows(run)["West pipe", "Grade A"] for run in both],
        "Grade B West, Mt": [flows(run)["West pipe", "Grade B"] for run in both],
        "Grade A South, Mt": [flows(run)["Sea leg", "Grade A"] for run in both],
        "Grade B South, Mt": [flows(run)["Sea leg", "Grade B"] for run in both],
        "paid under the contract, million USD": [run.contract_balance["paid"].iloc[0] for run in both],
        "value of one more tonne of West pipe, USD": [table.loc["West pipe", "value"] for table in capacity],
        "value of one more tonne by tanker, USD": [table.loc["Tankers", "value_per_t"] for table in capacity],
        "objective, million USD": [run.value for run in both],
    }


def test_sums_in_the_readme_add_up() -> None:
    """Every ``a × b + … = c`` of the tutorial is right on its own."""
    sums = re.findall(r"^\s*[^\d\n]*?([\d.,]+(?: [×+−÷] [\d.,]+)+) = \**([\d.,]+)", _tutorial_text(), re.MULTILINE)
    assert len(sums) >= 10
    for left, right in sums:
        python = left.replace(",", "").replace("×", "*").replace("−", "-").replace("÷", "/")
        assert eval(python) == pytest.approx(float(right.replace(",", "").rstrip("."))), f"{left} = {right}"
