"""Every column of every sheet moves something: the optimum, or what is shown, drawn or planned.

The columns come from the sheets' own declarations. A column is changed in cell after cell, in every way that its kind
allows, until an answer is another one; a new column without a case in which it counts fails here. Numbers that
scenarios may change must move the optimum in ``test_formulation_changes``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import islice
from typing import Any

import pytest

from model.analysis.backcast import without_contracts_and_limits
from model.analysis.designs.kinds import design_for
from model.api import plan, read_case
from model.case import Case
from model.engine import Engine
from model.errors import NoAnswer, UsageError, WorkbookError
from model.report.content import gather
from model.report.page.place import map_of
from model.results.declare import Extras
from model.results.registry import TABLES, all_tables
from model.scenario import runnable, with_scenario
from model.workbook.columns import Column
from model.workbook.sheets import SETTINGS, SHEETS
from tests.cases import Tables, built_tables, demand, solve, supply
from tests.plan_cases import three_ways
from tests.test_formulation_changes import COLUMNS as CHANGED_IN_PLACE
from tests.test_formulation_changes import WITHOUT_EFFECT

COLUMNS = [
    *((sheet, column.name) for sheet in SHEETS if sheet != "Settings" for column in SHEETS[sheet].columns),
    *(("Settings", column.name) for column in SETTINGS.columns),
]
# the others move the optimum
SHOWN = {
    ("Settings", "title"), ("Settings", "routes_per_pair"),
    ("Commodities", "unit"), ("Commodities", "co2_t_per_unit"), ("Contracts", "type"),
    ("Nodes", "label"), ("Nodes", "country"), ("Nodes", "kind"), ("Nodes", "latitude"), ("Nodes", "longitude"),
    ("Links", "mode"), ("Links", "country"),
    ("Assets", "kind"), ("Assets", "country"), ("Fleets", "country"), ("Funds", "owner"),
    ("Scenarios", "description"), ("Scenarios", "run"),
    *(("Observed", column.name) for column in SHEETS["Observed"].columns),
}  # fmt: skip
DRAWN = {("Ranges", column.name) for column in SHEETS["Ranges"].columns}
PLANNED = {("Scenarios", "probability"), ("Settings", "tail")}
# say where a number comes from, or how the solver goes about it
EXPLAINED = {
    *(
        (name, column.name)
        for name, sheet in SHEETS.items()
        for column in sheet.columns
        if column.name in ("source", "note")
    ),
    *(("Sources", column.name) for column in SHEETS["Sources"].columns),
}
ELSEWHERE = {
    ("Settings", "schema_version"): "only one version is read",
    ("Settings", "mip_gap"): "test_early_stop: how near to the best is enough",
    ("Settings", "time_limit"): "test_early_stop: when the solver stops",
}
NAMES = {"Assets": "asset", "Contracts": "contract", "Limits": "limit"}
UNITS = ("USD/t", "USD/bbl", "EUR/t", "USD/1000m3", "USD/MMBtu", "EUR/MWh", "KZT/t")


@cache
def everything(*, short: bool) -> Tables:
    """The rich workbook with what only reports and batches read; ``short``, where what is slack there is short."""
    made = built_tables()
    made["Settings"] += [
        {"setting": "objective", "value": "export value"},
        {"setting": "routes_per_pair", "value": 3},
    ]
    made["Commodities"].append(
        {"commodity": "helium", "family": "gas", "unit": "bcm", "origin": "Home", "co2_t_per_unit": 0}
    )
    made["Supply"].append(supply("helium", "field", "helium", 0.3, 12))
    made["Demand"].append(demand("labs", "field", "helium", 0.2, 50))
    places = {"field": (47, 52), "port": (44, 51), "hub": (42, 48), "east": (40, 49), "west": (42, 12)}
    for row in made["Nodes"]:
        if row["node"] in places:
            row["latitude"], row["longitude"] = places[row["node"]]
    made["Nodes"][0]["label"] = "The field"
    made["Assets"].append({"asset": "on_east", "capacity": 4})
    if short:
        _short_of_everything(made)
    _varied(made)
    for sheet in SHEETS:
        if made.get(sheet) and sheet != "Settings":
            for column in SHEETS[sheet].columns:
                if (sheet, column.name) in EXPLAINED:
                    made[sheet][0].setdefault(column.name, "made up")
    return made


def _short_of_everything(made: Tables) -> None:
    """An asset that bears the name of a link, promises and limits that bind, each for some time and some goods."""
    named = {name: {row[name]: row for row in made[sheet]} for sheet, name in NAMES.items()}
    named["asset"]["terminal"]["reserved"] = 5.4
    made["Uses"][0]["commodity"] = "light"
    made["Uses"].append({"link": "on_east", "asset": "on_east", "use": 0.5})
    named["contract"]["ship_trunk"].update(opens="2026H2", closes="2027")
    named["limit"]["yearly"].update(closes="2027")
    made["Limits"] += [
        {"limit": "ore", "measure": "delivery", "what": "commodity=ore", "at_most": 1.3},
        {"limit": "wells", "measure": "supply", "what": "family=oil;origin=Home", "at_most": 9.7},
    ]
    made["Observed"].append(
        {"observed": "ore", "measure": "delivery", "what": "commodity=ore", "period": "2027", "value": 1}
    )
    made["Series"].append({"sheet": "Links", "key": "on_east", "column": "capacity", "2027": 2.1})
    made["Changes"] += [
        {"scenario": "low", "sheet": "Links", "key": "on_east", "column": "capacity", "change": "set", "value": 2.2},
        {"scenario": "low", "sheet": "Assets", "key": "relic", "column": "capacity", "change": "set", "value": 2.8},
    ]


def _varied(made: Tables) -> None:
    """Ranges of every distribution, alone and together."""
    between = {"change": "multiply", "low": 0.8, "high": 1.3}
    made["Ranges"] = [
        {"range": "Brent", "sheet": "Markers", "key": "Brent", "column": "value", "distribution": "triangular",
         "likely": 1.1, "correlated": "Hub 0.6", **between},
        {"range": "Hub", "sheet": "Markers", "key": "Hub", "column": "value", "distribution": "lognormal", **between},
        {"range": "trunk", "sheet": "Links", "key": "trunk", "column": "capacity", "period": "2027", "group": "ways",
         **between},
        {"range": "east", "sheet": "Assets", "key": "on_east", "column": "capacity", "group": "ways", **between},
        {"range": "rail tariff", "sheet": "Links", "key": "rail", "column": "tariff", **between},
        {"range": "wells", "sheet": "Supply", "key": "old", "column": "capacity", "change": "set",
         "distribution": "choice", "values": "1; 2; 2.5"},
    ]  # fmt: skip


@cache
def chances() -> Tables:
    """Three scenarios, each as likely as it says, of which cvar looks at the worst."""
    return three_ways(tail=0.5)


# ---- what may come out

Ask = Callable[[Tables], object]


def optimum(tables: Tables) -> object:
    """Status and value of every scenario, ten digits."""
    case = read_case(tables)
    cases = [with_scenario(case, name) for name in ("base", *case["Scenarios"].keys)]
    engine = Engine(cases)
    found = [engine.solve(one) for one in cases]
    return [(one.status, f"{one.objective:.9e}") for one in found]


def shown(tables: Tables) -> object:
    """What reports show of the scenarios that run: texts, tables and the map, but for what repeats the input."""
    case = read_case(tables)
    found = [solve(with_scenario(case, name)) for name in runnable(case)]
    extras = {one.case.scenario: Extras(workbook=case) for one in found}
    extras[found[0].case.scenario] = Extras(workbook=case, freed=solve(without_contracts_and_limits(found[0].case)))
    frames = all_tables(found, extras)
    content = gather(case, found, {}, TABLES, frames)
    repeats = ("Scenario changes", "Run", "Glossary", "Formulation")
    texts = [frame.to_csv(float_format="%.7g") for name, frame in frames.items() if name not in repeats]
    return texts, content.title, content.lines, map_of(case)


def drawn(tables: Tables) -> object:
    """The runs of a sample and of a grid."""
    case = read_case(tables)
    return [(design.runs, design.labels, design.factors) for design in designs(case)]


def designs(case: Case) -> Iterator[Any]:
    for kind in ("sample", "grid", "tornado"):
        yield design_for(case, kind, runs=None if kind == "tornado" else 100)


def planned(tables: Tables) -> object:
    """What a plan by the mean of the worst outcomes builds, and what that is worth."""
    study = plan(read_case(tables), "cvar")
    return study["cvar"].units.tolist(), f"{study['cvar'].value:.9e}"


# ---- how a cell may be changed


def others(tables: Tables, sheet: str, column: Column, value: Any) -> Iterator[Any]:
    """Other entries of a cell that its kind allows, the likeliest to be legal first."""
    if column.kind == "number" or (isinstance(value, float | int) and not isinstance(value, bool)):
        yield from _numbers(column, value)
    elif column.kind == "choice":
        yield from (word for word in column.choices if word != value)
    elif column.kind == "yes/no":
        yield "no" if value == "yes" else "yes"
    elif column.kind == "unit":
        yield from (unit for unit in UNITS if unit != value)
    elif column.kind == "selector":
        yield from (str(value).rpartition(";")[0] or "link=*", "family=gas", "supply=*", "demand=*", "project=*")
    elif column.kind in ("reference", "references", "shares", "becomes"):
        yield from _names(tables, column, str(value))
    elif column.kind in ("period", "periods"):
        yield from ("2026H2", "2027", "2028", "2026H1")
    else:
        present = {str(row[column.name]) for row in tables[sheet] if row.get(column.name)}
        yield from sorted(present - {str(value)})
        yield from ("another", "1; 3", "Hub -0.4", "2026H2", "tariff", "minimum")
    if not column.required:
        yield None


def _numbers(column: Column, value: Any) -> Iterator[Any]:
    if not isinstance(value, float | int):
        return
    if column.whole:
        yield from (int(value) + 1, int(value) - 1)
    else:
        yield from (value * 1.07, value * 0.93, value + 0.013, value + 1)


def _names(tables: Tables, column: Column, value: str) -> Iterator[Any]:
    known = [str(row[SHEETS[sheet].columns[0].name]) for sheet in column.refers_to for row in tables.get(sheet, [])]
    yield from (name for name in known or ("Home", "East 30, West 70") if name != value)
    if column.kind == "references":
        yield from (f"{value}, {name}" for name in known if name not in value)
    if column.kind == "shares" and len(known) > 1:
        yield f"{known[0]} 30, {known[1]} 70"


# those of all rows must fit each other: the years follow, the probabilities add up to 1
TOGETHER: dict[str, Callable[[list[Any]], list[Any]]] = {
    "year": lambda values: [value + 1 for value in values],
    "probability": lambda values: values[1:] + values[:1],
}


def edits(tables: Tables, sheet: str, column: Column) -> Iterator[Tables]:
    """The workbook with one cell of a column changed, for cell after cell that holds something."""
    if column.name in TOGETHER:
        made = copy.deepcopy(tables)
        values = [row[column.name] for row in made[sheet]]
        for row, other in zip(made[sheet], TOGETHER[column.name](values), strict=True):
            row[column.name] = other
        yield made
        return
    named, field = (column.name, "value") if sheet == "Settings" else (None, column.name)
    for number, row in enumerate(tables.get(sheet, [])):
        if row.get(field) is None or (named and row["setting"] != named):
            continue
        for other in others(tables, sheet, column, row[field]):
            made = copy.deepcopy(tables)
            made[sheet][number][field] = other
            yield made


def answers(tables: Tables, ask: Ask) -> object | None:
    """What comes out; None where the workbook is at fault or has no answer."""
    try:
        return ask(tables)
    except (WorkbookError, UsageError, NoAnswer, AssertionError):
        return None


WORKBOOKS: dict[Ask, Sequence[Callable[[], Tables]]] = {
    optimum: (partial(everything, short=True), partial(everything, short=False)),
    shown: (partial(everything, short=True),),
    drawn: (partial(everything, short=True),),
    planned: (chances,),
}


@cache
def present(ask: Ask, number: int) -> object:
    """What comes out of a workbook as it stands."""
    return ask(WORKBOOKS[ask][number]())


def moves(sheet: str, column: Column, ask: Ask) -> tuple[int, bool]:
    """How many legal changes were tried, and whether the last of them moved what is asked for."""
    tried = 0
    for number, workbook in enumerate(WORKBOOKS[ask]):
        before = present(ask, number)
        for made in edits(workbook(), sheet, column):
            found = answers(made, ask)
            tried += found is not None
            if found is not None and found != before:
                return tried, True
    return tried, False


def declared(sheet: str, column: str) -> Column:
    return (SETTINGS if sheet == "Settings" else SHEETS[sheet])[column]


def columns_to_move() -> Iterator[tuple[str, str]]:
    """All but names, which the laws of networks exchange, what moves nothing, and what others must move."""
    moving = set(CHANGED_IN_PLACE) - WITHOUT_EFFECT
    for sheet, column in COLUMNS:
        spec = declared(sheet, column)
        if spec.kind != "name" and not {(sheet, column)} & (ELSEWHERE.keys() | EXPLAINED | moving):
            yield sheet, column


@pytest.mark.parametrize(("sheet", "column"), sorted(EXPLAINED), ids=lambda part: part)
def test_what_only_explains_is_text(sheet: str, column: str) -> None:
    assert SHEETS[sheet][column].kind in ("name", "text")


@pytest.mark.parametrize(("sheet", "column"), list(columns_to_move()), ids=lambda part: part)
def test_every_column_moves_something(sheet: str, column: str) -> None:
    spec, place_of = declared(sheet, column), (sheet, column)
    ask = next(
        (one for one, columns in ((shown, SHOWN), (drawn, DRAWN), (planned, PLANNED)) if place_of in columns), optimum
    )
    tried, moved = moves(sheet, spec, ask)
    assert tried, "no cell of it can be changed: give it a case"
    assert moved, f"{tried} changes of {sheet}.{column} moved nothing that is {ask.__name__}"


@pytest.mark.parametrize(("sheet", "column"), sorted(SHOWN - {("Scenarios", "run")}), ids=lambda part: part)
def test_what_is_only_shown_leaves_the_optimum(sheet: str, column: str) -> None:
    """A few of its cells are changed."""
    before = present(optimum, 0)
    found = [
        answers(made, optimum) for made in islice(edits(everything(short=True), sheet, declared(sheet, column)), 3)
    ]
    assert all(one in (before, None) for one in found)
