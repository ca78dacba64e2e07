"""What projects and more money are worth, against arithmetic by hand and against every plan written out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from model.analysis.projects.optima import Optima, Optimum, difference
from model.analysis.projects.study import Study, check, chosen_projects, study
from model.analysis.projects.worth import npv, payback_of
from model.api import solve as solve_case
from model.case import Case
from model.engine import Engine
from model.errors import UsageError
from model.scenario import with_changes
from tests.cases import Row, Tables, demand, link, read, solve, supply, tables, years
from tests.conftest import Command
from tests.hard_choice import hard_choice
from tests.test_time_results import near, widened

Write = Callable[..., Path]


def studied(made: Tables | Case, fund: str | None = None) -> Study:
    case = made if isinstance(made, Case) else read(made)
    return study(solve(case), check(case, fund))


def worth_of(found: Study, project: str) -> dict[str, Any]:
    row: dict[str, Any] = found.worth.frame.set_index("project").loc[project].to_dict()
    return row


def curve_of(found: Study, project: str) -> pd.DataFrame:
    return found.curves.frame[found.curves.frame["project"] == project]


def project(name: str, adds_to: str, size: float, capex: float, **more: Any) -> Row:
    row = {"project": name, "adds_to": adds_to, "size": size, "max_units": 1, "whole_units": "yes", "capex": capex}
    return {**row, "life_years": 10, **more}


def two_corridors(budget: Any = 150, **more: Any) -> Tables:
    """A pipe of 4 Mt that earns 90 a tonne and a railway that would earn 55, for two years without discounting.

    loop: 3 Mt more of pipe for 100, so 2·3·90 = 540, less 100 of which 8 of 10 years are left: 520.
    track: 4 Mt of rail for 120, so 2·4·55 = 440, less 24: 416. As it is 2·4·90 = 720.
    """
    return tables(
        periods=years(2026, 2),
        Supply=[supply("s", "field", "crude", 30)],
        Demand=[demand("east", "east", "crude", 20, 100), demand("west", "west", "crude", 20, 95)],
        Links=[
            link("pipe", "field", "east", "crude", 10, capacity=4),
            link("rail", "field", "west", "crude", 40, capacity=0),
        ],
        Projects=[project("loop", "pipe", 3, 100, funds="bank"), project("track", "rail", 4, 120, funds="bank")],
        Funds=[{"fund": "bank", "budget": budget}],
        **more,
    )


def test_capex_is_that_of_the_year_in_which_building_starts() -> None:
    """May start in 2027 only, when it costs 70, not 100: 3 · 90 less 70, of which nine tenths are left."""
    made = widened(earliest="2027", funds=None)
    made["Series"] = [{"sheet": "Projects", "key": "loop", "column": "capex", "2026": 100, "2027": 70}]
    row = worth_of(studied(made), "loop")
    assert (row["capex"], row["npv"], row["at_duals"]) == near((70, 270 - 70 + 63, 270 - 70 + 63))


# ---- the value of more money


def test_more_money_is_worth_what_the_next_plan_brings() -> None:
    """100 pays for the loop (1240), 220 for both (1656); 120 would pay for the track alone, which is worth less.

    Were parts of units allowed, the first dollar would earn 520/100 and, once the loop is paid, 416/120.
    """
    money = studied(two_corridors()).money.frame
    assert money["budget_from"].tolist() == pytest.approx([0, 100, 220])
    assert money["budget_to"].tolist()[:2] == pytest.approx([100, 220])
    assert np.isnan(money["budget_to"].iloc[-1])
    assert money["value_from"].tolist() == near([720, 1240, 1656])
    assert money["gain"].tolist()[1:] == near([520, 416])
    assert money["gain_per_dollar"].tolist()[1:] == pytest.approx([5.2, 416 / 120])
    assert money["plan"].tolist() == ["nothing", "loop 1", "loop 1, track 1"]
    assert money["today"].tolist() == ["", "today", ""]
    assert money["relaxation_dual"].iloc[0] == pytest.approx(5.2)
    assert money["relaxation_dual"].iloc[1] in (pytest.approx(5.2), pytest.approx(416 / 120))


def test_more_money_for_parts_of_units_is_a_line_with_bends() -> None:
    """A whole loop takes 75 of the bank and brings 520: each dollar 520/75, and nothing beyond."""
    money = studied(widened()).money.frame
    assert money["budget_from"].tolist() == pytest.approx([0, 75])
    assert money["value_from"].tolist() == near([720, 1240])
    assert money["value_to"].tolist() == near([1240, 1240])
    assert money["gain_per_dollar"].tolist() == near([520 / 75, 0])
    assert money["plan"].tolist() == ["nothing", "loop 1"]
    assert money["today"].tolist() == ["today", ""]


def test_a_fund_without_a_limit_is_looked_at_where_it_is_named() -> None:
    """With 60 of the bank 0.8 loops are built, for 20 of the owners: 1136. Nothing of theirs, nothing is built."""
    money = studied(widened(), "owners").money.frame
    assert money["fund"].unique().tolist() == ["owners"]
    assert money["budget_from"].tolist() == pytest.approx([0, 20])
    assert money["value_to"].tolist() == near([1136, 1136])
    assert money["today"].tolist() == ["", "today"]


def plans(made: Tables) -> Iterator[tuple[float, Any, frozenset[int]]]:
    """Every plan of a hard choice: its value, what it takes of each fund, and the projects in it."""
    rows = made["Projects"]
    shares = [[float(part.split()[-1]) / 100 for part in row["funds"].split(", ")] for row in rows]
    for count in range(len(rows) + 1):
        for chosen in combinations(range(len(rows)), count):
            paid = sum((np.array(shares[i]) * rows[i]["capex"] for i in chosen), np.zeros(len(made["Funds"])))
            yield sum(400 * rows[i]["size"] - rows[i]["capex"] for i in chosen), paid, frozenset(chosen)


def test_steps_of_money_are_those_of_all_plans_written_out() -> None:
    """Eight projects, six funds: 256 plans. A budget's best plan is found by looking at all of them."""
    made = hard_choice(8)
    budgets = np.array([row["budget"] for row in made["Funds"]])
    fits = [(value, paid, set_) for value, paid, set_ in plans(made) if (paid[1:] <= budgets[1:] + 1e-9).all()]
    best, steps = -1.0, []
    for value, paid, _ in sorted(fits, key=lambda one: (one[1][0], -one[0])):
        if value > best + 1e-3:
            best = value
            steps.append((paid[0], value))
    found = studied(made, "fund 0").money.frame
    gains = np.diff([value for _, value in steps])
    smallest = 1e-4 * (steps[-1][1] - steps[0][1])
    assert gains.min() > smallest, "no step is so small that it may be passed over"
    assert found["budget_from"].tolist() == pytest.approx([at for at, _ in steps], abs=1e-5)
    assert found["value_from"].tolist() == pytest.approx([value for _, value in steps], abs=1e-3)
    assert len(steps) > 4


# ---- the worth of a project


def test_two_projects_for_which_the_money_does_not_suffice() -> None:
    """150 pays for one: the loop. Without it the track is built (1136), so that it is worth 104 and the track nothing.

    Each alone is worth its own 520 and 416. The track is built beside the loop where both can be paid: below 50. The
    loop is worth more than the track up to (540 − 416)/0.2 = 620, but the bank cannot pay more than 150.
    """
    found = studied(two_corridors())
    loop, track = worth_of(found, "loop"), worth_of(found, "track")
    assert (loop["units"], loop["capex"], loop["npv"], loop["alone"]) == near((1, 100, 104, 520))
    assert (track["units"], track["npv"], track["alone"]) == near((0, 0, 416))
    assert loop["npv_at_least"] <= 104 <= loop["npv_at_most"]
    assert (loop["break_even_capex"], track["break_even_capex"]) == pytest.approx((150, 50), abs=1e-6)
    assert (loop["built_below"], track["built_below"]) == ("yes", "yes")
    assert np.isnan(track["payback_years"])
    assert found.value == near(1240)


def test_money_that_is_enough_leaves_each_its_own_worth_and_pay_back() -> None:
    """520 and 416. The loop's 100 come back at 270 a year, the track's 120 at 220 a year."""
    found = studied(two_corridors(220))
    loop, track = worth_of(found, "loop"), worth_of(found, "track")
    assert (loop["npv"], track["npv"]) == near((520, 416))
    assert loop["payback_years"] == pytest.approx(100 / 270)
    assert track["payback_years"] == pytest.approx(120 / 220)


@pytest.mark.parametrize(("name", "price"), [("loop", 150), ("track", 50)])
def test_a_break_even_capex_is_confirmed_by_solves_beside_it(name: str, price: float) -> None:
    case = read(two_corridors())
    found = worth_of(studied(case), name)["break_even_capex"]
    assert found == pytest.approx(price)
    built = []
    for side in (0.9999, 1.0001):
        run = solve_case(with_changes(case, {f"Projects:{name}:capex": side * found}))
        built.append(run.plan.set_index(["project", "period"])["units"].groupby("project").sum()[name])
    assert built == near([1, 0])


def test_the_last_part_of_a_unit_is_built_while_it_pays() -> None:
    """A whole loop brings 540 and costs 0.2 of its capex: 2700. The bank's money only says how much of it is built."""
    found = worth_of(studied(widened()), "loop")
    assert found["npv"] == near(416)
    assert found["at_duals"] == near(416)
    assert found["break_even_capex"] == pytest.approx(2700)
    assert found["payback_years"] == pytest.approx(80 / 216)


def test_the_last_part_of_a_unit_waits_while_its_money_has_a_better_use() -> None:
    """60 buy 0.6 loops, at 540/100 a dollar. The track earns 440/capex, which is more below 440/5.4."""
    made = two_corridors(60)
    for row in made["Projects"]:
        row["whole_units"] = "no"
    found = studied(made)
    track = worth_of(found, "track")
    assert (worth_of(found, "loop")["units"], track["units"]) == near((0.6, 0))
    assert track["break_even_capex"] == pytest.approx(440 / 5.4, rel=2e-4)
    assert track["built_below"] == "yes"


def test_the_value_at_the_duals_is_that_of_a_resolve_where_nothing_else_moves() -> None:
    """540 − 100 + 80 for the loop: prices stay at 100 and no fund is short of money."""
    found = worth_of(studied(widened(funds=None)), "loop")
    assert found["npv"] == near(520)
    assert found["at_duals"] == near(520)
    assert found["break_even_capex"] == pytest.approx(2700)


def test_a_cost_that_a_project_saves_is_its_worth() -> None:
    """7 Mt must reach the east: 4 by pipe at 10, 3 by truck at 60. A loop saves 2·3·50 = 300, less 20."""
    made = widened(funds=None, whole_units="yes")
    made["Settings"] += [{"setting": "objective", "value": "cost"}]
    made["Demand"] = [demand("east", "east", "crude", 20, 100, firm=7)]
    made["Links"].append(link("truck", "field", "east", "crude", 60))
    found = worth_of(studied(made), "loop")
    assert found["npv"] == near(280)
    assert found["break_even_capex"] == pytest.approx(1500)
    assert found["payback_years"] == pytest.approx(100 / 150)


def test_what_is_left_at_the_end_is_no_money_that_came_back() -> None:
    """600 earn 540 in two years and 480 of them are left: worth 420, but the 600 are not back within the horizon."""
    found = worth_of(studied(widened(funds=None, whole_units="yes", capex=600)), "loop")
    assert found["npv"] == near(420)
    assert np.isnan(found["payback_years"])


def test_money_that_goes_out_again_is_not_yet_back() -> None:
    """100 now, 60 a year, 50 more at the start of the third year: −100, −40, 20 − 50 = −30, 30: back after 2.5 years.

    10 a year never bring 100 back in three years.
    """
    start, year = np.array([2026.0, 2027, 2028]), np.ones(3)
    assert payback_of(np.array([100.0, 0, 50]), np.full(3, 60.0), start, year, 0) == pytest.approx(2.5)
    assert np.isnan(payback_of(np.array([100.0, 0, 0]), np.full(3, 10.0), start, year, 0))
    assert payback_of(np.array([0, 100.0, 0]), np.array([0, 200.0, 200]), start, year, 1) == pytest.approx(0.5)
    assert np.isnan(payback_of(np.array([0.0, 5, 0]), np.zeros(3), start, year, 1))
    earlier = payback_of(np.array([10.0, 0, -5]), np.array([20.0, 0, 0]), start, year, 2)
    assert earlier == 0, "back before the first payment is back at once"


def test_what_must_be_built_has_no_worth_and_says_why() -> None:
    """7 Mt are firm, 4 fit: without the loop there is no plan. The limit on its price is not known."""
    made = widened(funds=None, whole_units="yes")
    made["Demand"] = [demand("east", "east", "crude", 20, 100, firm=7)]
    found = worth_of(studied(made), "loop")
    assert np.isnan(found["npv"])
    assert found["note"] == "without it there is no plan; built at any capex"


# ---- interaction


def spur(**more: Any) -> Tables:
    """A port and a spur to it carry 2 Mt more that earn 90, for two years: 360; the spur requires the port.

    The port costs 60 and the spur 50, of which a fifth is used up: 22. Together 338, apart nothing.
    """
    made = two_corridors(**more)
    made["Links"] = [
        link("pipe", "field", "east", "crude", 10, capacity=4),
        link("spur", "field", "port", "crude", 4, capacity=0),
        link("ship", "port", "east", "crude", 6, capacity=0),
    ]
    made["Projects"] = [
        project("port works", "ship", 2, 60),
        project("spur line", "spur", 2, 50, requires="port works"),
    ]
    made["Funds"] = []
    return made


def test_a_project_and_what_it_requires_are_complements() -> None:
    """V(both) 1058, V(either) = V(neither) = 720: 338, which is also the worth of each.

    The spur may cost (360 − 12)/0.2 = 1740, the port (360 − 10)/0.2 = 1750.
    """
    found = studied(spur())
    assert found.pairs.frame[["interaction", "kind"]].to_numpy().tolist() == [[near(338), "complements"]]
    works, line = worth_of(found, "port works"), worth_of(found, "spur line")
    assert (works["npv"], line["npv"]) == near((338, 338))
    assert (works["alone"], line["alone"]) == near((0, 338))
    assert (works["break_even_capex"], line["break_even_capex"]) == pytest.approx((1750, 1740))


@pytest.mark.parametrize(("budget", "interaction", "kind"), [(150, -416, "substitutes"), (220, 0, "independent")])
def test_projects_that_share_scarce_money_are_substitutes(budget: float, interaction: float, kind: str) -> None:
    """With 150: 1240 − 1240 − 1136 + 720 = −416. With enough: 1656 − 1240 − 1136 + 720 = 0."""
    pairs = studied(two_corridors(budget)).pairs.frame
    assert pairs["interaction"].tolist() == near([interaction])
    assert pairs["kind"].tolist() == [kind]


# ---- capacity against capex


def tiers(whole: str, size: float) -> Tables:
    """Beyond its 4 Mt of pipe the east takes 1 Mt more at 100, that is 90 net, and then 1 Mt at 30, that is 20."""
    made = widened(funds=None, whole_units=whole, size=size, max_units=2)
    made["Demand"] = [demand("east", "east", "crude", 5, 100), demand("more", "east", "crude", 1, 30)]
    return made


def test_parts_of_units_are_built_step_by_step_as_capex_falls() -> None:
    """A Mt costs 0.2/3 of a unit's capex and earns 180, the next 40: up to 2700 a third, below 600 two thirds."""
    curve = curve_of(studied(tiers("no", 3)), "loop")
    assert curve["capex_from"].tolist() == pytest.approx([0, 600, 2700], abs=1e-6)
    assert curve["units"].tolist() == near([2 / 3, 1 / 3, 0])
    assert curve["capacity"].tolist() == near([2, 1, 0])
    assert curve["value_to"].tolist()[:2] == near([720 + 220 - 80, 720])
    assert curve["method"].unique().tolist() == ["exact"]


def test_whole_units_are_built_one_by_one_as_capex_falls() -> None:
    """A unit of 1 Mt costs 0.2 of its capex: the first pays below 180/0.2 = 900, the second below 40/0.2 = 200."""
    found = studied(tiers("yes", 1))
    curve = curve_of(found, "loop")
    assert curve["capex_from"].tolist() == pytest.approx([0, 200, 900], abs=1e-6)
    assert curve["units"].tolist() == near([2, 1, 0])
    assert curve["value_from"].tolist() == near([940, 860, 720])
    assert worth_of(found, "loop")["break_even_capex"] == pytest.approx(900)


def test_where_a_fund_pays_the_curve_follows_its_money() -> None:
    """60 of the bank's pay for 60/(0.75·capex) units: a whole one up to 80, half a one at 160, none from 2700 on."""
    curve = curve_of(studied(widened()), "loop")
    assert curve["method"].iloc[0] == "exact"
    assert (curve["capex_to"].iloc[0], curve["units"].iloc[0]) == pytest.approx((80, 1))
    inner = curve[curve["method"] == "follows the money"]
    assert inner["units_to"].tolist() == pytest.approx((80 / inner["capex_to"]).tolist(), rel=1e-4)
    assert (curve["capex_from"].iloc[-1], curve["units"].iloc[-1]) == pytest.approx((2700, 0))
    assert curve["share_from"].tolist()[1:] == pytest.approx(curve["share_to"].tolist()[:-1])


# ---- gaps, and the command


def test_a_search_that_is_cut_short_gives_brackets() -> None:
    """60 projects in half a second: the worth of one lies between what the plans found and their bounds allow."""
    case = read(hard_choice(settings={"time_limit": 0.5, "mip_gap": 1e-9}))
    solution = Engine([case]).solve(case)
    assert solution.status == "feasible"
    optima = Optima(solution)
    found = npv(optima, 0)
    assert optima.today.bound > optima.today.value
    assert found.least < found.value < found.most
    assert found.most - found.least == pytest.approx(
        optima.today.bound - optima.today.value + optima.ask(without=[0]).bound - optima.ask(without=[0]).value
    )


def test_the_command_writes_every_answer_with_charts(
    run_cli: Command, write_tables: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli("projects", write_tables(two_corridors())) == 0
    said = capsys.readouterr().out
    assert "Test, scenario base: 1,240.0 million USD." in said
    assert "Value of more money in bank" in said
    book = openpyxl.load_workbook(tmp_path / "outputs" / "roads" / "projects" / "projects.xlsx")
    assert book.sheetnames == ["Worth", "Money", "Interaction", "Capex curve", "Charts"]
    assert len(book["Charts"]._charts) == 3
    cells = {cell.value: cell.coordinate for row in book["Worth"].iter_rows() for cell in row if cell.value}
    assert "loop" in cells
    matrix = {(row[0].value, row[2].value) for row in book["Interaction"].iter_rows(min_row=5, max_row=12)}
    assert any(name == "loop" and value == pytest.approx(-416, abs=0.01) for name, value in matrix if name == "loop")


@pytest.mark.parametrize(
    ("change", "arguments", "says"),
    [
        ({}, ["--fund", "bnak"], "There is no fund 'bnak'. Nearest valid name: 'bank'."),
        ({"Projects": [], "Funds": []}, [], "holds no projects; they stand on the sheet Projects."),
        ({}, ["--scenario", "bse"], "There is no scenario 'bse'."),
    ],
)
def test_what_cannot_be_answered_is_said(
    run_cli: Command,
    write_tables: Write,
    capsys: pytest.CaptureFixture[str],
    change: Tables,
    arguments: list[str],
    says: str,
) -> None:
    assert run_cli("projects", write_tables({**two_corridors(), **change}), *arguments) == 2
    assert says in capsys.readouterr().err


def test_some_projects_are_looked_at_by_name() -> None:
    """What is said of one is what is said of it among all; a name that is none names the nearest."""
    case = read(two_corridors())
    solution = solve(case)
    first, *others = case["Projects"].keys
    alone = study(solution, [], chosen_projects(case, [first]))
    whole = study(solution, [])
    rows = whole.worth.frame
    assert alone.worth.frame["project"].tolist() == [first]
    assert alone.worth.frame["npv"].item() == pytest.approx(rows.loc[rows["project"] == first, "npv"].item())
    assert set(alone.curves.frame["project"]) == {first}
    assert others
    with pytest.raises(UsageError, match=first):
        chosen_projects(case, [first + "x"])


def test_what_rounding_leaves_of_a_difference_is_nothing() -> None:
    """0.1 + 0.2 − 0.3 is no worth; neither is a bound a speck above its value; a cent on millions is."""

    def best(value: float, bound: float | None = None) -> Optimum:
        nothing = np.zeros((0, 0))
        return Optimum("optimal", value, value if bound is None else bound, nothing, None)  # type: ignore[arg-type]

    found = difference([best(0.1), best(0.2)], [best(0.3, 0.3 + 1e-16)])
    assert (found.value, found.least, found.most) == (0.0, 0.0, 0.0)
    assert difference([best(1e6 + 0.01)], [best(1e6)]).value == pytest.approx(0.01, rel=1e-6)
    assert np.isnan(difference([best(np.nan)], [best(1.0)]).value)
