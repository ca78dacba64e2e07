"""Batches: many runs of one case give what as many single solves give, in any order and on any executor."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model import read_case, solve, sweep
from model.analysis.batch import worker
from model.analysis.batch.design import listed
from model.case import Case
from model.errors import AuditError, UsageError
from model.scenario import with_changes
from model.solver.resolver import Resolver
from tests import cases
from tests.test_layout import ROOT

Row = dict[str, Any]


def two() -> Case:
    """Field 10 Mt at 50; near takes 6 at 400 over the pipe (tariff 30), far 20 at 300 by ship (45, a tenth lost)."""
    return cases.read(cases.two_markets())


@pytest.fixture(scope="module")
def tutorial() -> Case:
    return read_case(ROOT / "inputs" / "tutorial.xlsx")


def tariffs(case: Case, count: int) -> list[dict[str, float]]:
    """Runs that set one tariff each, in turn, from a tenth to twice what it is."""
    links = case["Links"]
    base = case.number("Links", "tariff")[:, 0]
    return [
        {f"Links:{links.keys[i % len(links)]}:tariff": float(base[i % len(links)] * (0.1 + 1.9 * i / count))}
        for i in range(count)
    ]


def test_a_run_is_what_solve_gives(tutorial: Case) -> None:
    """Value, exports, corridors and rents of ten runs are those of the result tables of ten single solves."""
    runs = [*tariffs(tutorial, 9), {}]
    frame = sweep(tutorial, runs, ["exports", "corridors@total", "flows", "prices", "rents"], verified=1).frame()
    for run, row in zip(runs, frame.to_dict("records"), strict=True):
        alone = solve(with_changes(tutorial, run) if run else tutorial)
        assert row["value"] == pytest.approx(alone.value, rel=1e-9), (row["status"], row["reason"])
        table = alone.exports
        by = table[table["by"] == "exporter"].groupby(["family", "period"])["volume"].sum()
        for (family, period), volume in by.items():
            assert row[f"exports:{family}@{period}"] == pytest.approx(volume, abs=1e-6)
        by = table[table["by"] == "corridor"].groupby(["family", "name"])["volume"].sum()
        for (family, name), volume in by.items():
            assert row[f"corridors:{family}:{name}@total"] == pytest.approx(volume, abs=1e-6)
        rents = alone.value_balance
        total = float(rents[(rents["side"] == "rents") & (rents["kind"] == "total")]["present_value"].iloc[0])
        found = [v for name, v in row.items() if name.startswith("rents:")]
        assert np.nansum(found) == pytest.approx(total, rel=1e-6)


def test_prices_and_flows_by_hand() -> None:
    """Worth at the field: near 370, far 300·0.9 − 45 = 225 USD/t, with a ship's tariff of 60 210.

    Value: 6·370 + 4·225 − 10·50 = 2620 before, 6·370 + 4·210 − 500 = 2560 after; delivered abroad 6 + 4·0.9 Mt.
    """
    outputs = ["prices:field:*@2026", "flows:*", "exports"]
    frame = sweep(two(), [{}, {"Links:ship:tariff": 60.0}], outputs, jobs=1).frame()
    assert frame["value"].tolist() == pytest.approx([2620, 2560])
    assert frame["prices:field:crude@2026"].tolist() == pytest.approx([225, 210], abs=1e-3)
    assert frame["flows:ship:crude@2026"].tolist() == pytest.approx([4, 4])
    assert frame["exports:oil@2026"].tolist() == pytest.approx([9.6] * 2)
    assert frame["Links:ship:tariff"].tolist() == pytest.approx([np.nan, 60], nan_ok=True)


def test_prices_are_undiscounted() -> None:
    """At a tenth a year the field's crude is worth 225 USD/t in both years, not less in the second."""
    case = cases.read(cases.two_markets(periods=cases.years(2026, 2), settings={"discount_rate": 0.1}))
    frame = sweep(case, [{}], ["prices:field:crude"], jobs=1).frame()
    assert frame.filter(like="prices:").iloc[0].tolist() == pytest.approx([225, 225], abs=1e-3)


def test_neither_order_nor_workers_change_an_answer(tutorial: Case) -> None:
    """60 runs forwards, backwards, on two processes, on three threads of the user's: every bit the same."""
    runs = tariffs(tutorial, 60)
    outputs = ["exports", "flows", "prices"]
    one = sweep(tutorial, runs, outputs, jobs=1).frame()
    back = sweep(tutorial, runs[::-1], outputs, jobs=1).frame()[::-1].reset_index(drop=True)
    names = [name for name in one if name not in ("run", "label", "verified")]
    pd.testing.assert_frame_equal(one[names], back[names], check_exact=True, check_like=True)
    pd.testing.assert_frame_equal(one, sweep(tutorial, runs, outputs, jobs=2).frame(), check_exact=True)
    with ThreadPoolExecutor(3) as threads:
        own = sweep(tutorial, runs, outputs, executor=threads).frame()
    pd.testing.assert_frame_equal(one, own, check_exact=True)


def test_rows_come_as_they_finish_and_leaving_early_keeps_them(tutorial: Case) -> None:
    batch = sweep(tutorial, tariffs(tutorial, 20), jobs=1)
    for row in batch:
        if row["run"] == 5:
            break
    assert batch.store.done() == {1, 2, 3, 4, 5}
    assert len(batch.frame()) == 20


def test_a_frame_is_a_design() -> None:
    """A blank leaves the number as it is: 2620; at 350 for the near market 6·320 + 4·225 − 500 = 2320."""
    table = pd.DataFrame({"label": ["as is", "cheap"], "Demand:near:price": [np.nan, 350.0]})
    frame = sweep(two(), table, jobs=1).frame()
    assert frame["label"].tolist() == ["as is", "cheap"]
    assert frame["value"].tolist() == pytest.approx([2620, 2320])


def test_what_needs_rows_of_its_own_is_built_anew() -> None:
    """The case has no minimum on the shared link, so a minimum needs a row; a tariff needs none."""
    case = cases.read(cases.rich_tables())
    link = next(case["Links"].keys[i] for i in Resolver(worker.places(case, ["base"])["base"].layout, case)
                .layout.network.shared_links if not case.number("Links", "minimum")[i].any())  # fmt: skip
    runs: list[Row] = [{f"Links:{link}:tariff": 3.0}, {f"Links:{link}:minimum": 0.01}]
    frame = sweep(case, runs, verified=1, jobs=1).frame()
    assert frame["path"].tolist() == ["update", "rebuild"]
    for run, row in zip(runs, frame.to_dict("records"), strict=True):
        assert row["value"] == pytest.approx(solve(with_changes(case, run)).value, rel=1e-9)


def test_failures_are_rows_with_their_reason() -> None:
    """Nothing to supply for 4 Mt of firm demand; a loss and fee of 1; and, after both, an ordinary run: 2620."""
    runs: list[Row] = [
        {"Demand:near:firm": 4.0, "Supply:field:capacity": 0.0},
        {"Links:ship:fee_in_kind": 0.95},
        {},
    ]
    frame = sweep(two(), runs, ["exports"], jobs=1).frame()
    assert frame["status"].tolist() == ["infeasible", "error", "optimal"]
    assert "firm demand" in frame["reason"][0]
    assert "stays below 1" in frame["reason"][1]
    assert frame["value"].tolist() == pytest.approx([np.nan, np.nan, 2620], nan_ok=True)
    assert frame["exports:oil@2026"].isna().tolist() == [True, True, False]


def test_scenarios_start_where_they_stand() -> None:
    """Runs of two scenarios in one batch. At 280 the far market is worth 207 at the field.

    base 2620; low 6·370 + 4·207 − 500 = 2548; with a pipe's tariff of 10, 6·20 more: 2668 and 2740.
    """
    changes = {"scenario": "low", "sheet": "Demand", "key": "far", "column": "price", "change": "set", "value": 280}
    case = cases.read(cases.two_markets(Scenarios=[{"scenario": "low", "run": "yes"}], Changes=[changes]))
    names = ("base", "low", "low", "base")
    design = listed([{}, {}, {"Links:pipe:tariff": 10.0}, {"Links:pipe:tariff": 10.0}], scenarios=names)
    frame = sweep(case, design, verified=1, jobs=1).frame()
    assert frame["scenario"].tolist() == list(names)
    assert frame["value"].tolist() == pytest.approx([2620, 2548, 2668, 2740])


def test_whole_units_are_chosen_anew_in_every_run() -> None:
    """The rich case has whole units: each run's plan is that of a single solve, to its gap."""
    case = cases.read(cases.built_tables())
    projects = case["Projects"].keys
    runs: list[Row] = [{}, *({f"Projects:{name}:capex": 0.1} for name in projects), {"Projects:*:capex": 1e5}]
    frame = sweep(case, runs, ["built@total"], verified=1, jobs=1).frame()
    for run, row in zip(runs, frame.to_dict("records"), strict=True):
        alone = solve(with_changes(case, run) if run else case)
        assert row["value"] == pytest.approx(alone.value, rel=1e-7)
    built = frame.filter(like="built:").sum(axis=1)
    assert built.iloc[-1] == pytest.approx(0) != pytest.approx(built.iloc[0])


def test_a_batch_runs_where_another_solve_has_run_before(tutorial: Case) -> None:
    """HiGHS refuses another number of threads than that with which a process first solved whole units."""
    solve(cases.read(cases.built_tables()))
    frame = sweep(tutorial, [{}], verified=1, jobs=1).frame()
    assert frame["status"][0] == "optimal"
    assert frame["verified"][0]


def test_a_wrong_answer_in_place_fails_loudly(tutorial: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A re-solver that forgets every update answers the base each time: the first verified run says so."""
    runs = [{"Links:*:tariff": 50.0}] * 3
    monkeypatch.setattr("model.solver.highs.LiveModel.update", lambda *_: 0)
    with pytest.raises(AuditError, match=r"Run 1 \(run 1\): solved in place .* solved afresh"):
        sweep(tutorial, runs, jobs=1).frame()


def test_the_extremes_are_verified(tutorial: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = sweep(tutorial, tariffs(tutorial, 30), verified=0, jobs=1).frame()
    known = {int(frame["value"].idxmin()), int(frame["value"].idxmax())}
    assert set(frame.index[frame["verified"]]) == known
    seen: list[int] = []
    monkeypatch.setattr("model.analysis.batch.sweep.verify", lambda run, *_: seen.append(run.number))
    sweep(tutorial, tariffs(tutorial, 30), verified=0, jobs=1).frame()
    assert {one - 1 for one in seen} == known


def test_a_hundredth_is_verified_whatever_the_order() -> None:
    chosen = [number for number in range(1, 100_001) if worker.is_chosen(number, 0.01)]
    assert len(chosen) == pytest.approx(1000, rel=0.05)
    assert chosen[0] == 1
    assert not worker.is_chosen(1, 0.0)


@pytest.mark.parametrize(
    ("runs", "options", "message"),
    [
        ([{"Links:pip:tariff": 1.0}], {}, "nothing on the sheet Links is called 'pip'. Nearest valid name: 'pipe'"),
        ([{"Links:pipe:tarif": 1.0}], {}, "Links has no column 'tarif' that can be changed. Nearest: tariff"),
        ([{"Link:pipe:tariff": 1.0}], {}, "Links"),
        ([{"Links:pipe:tariff@1999": 1.0}], {}, "1999"),
        ([{}], {"jobs": 0}, "jobs is 0; it needs to be 1 or more"),
        ([{}], {"verified": 2}, "verified is 2; it needs to be a share"),
        ([{}], {"outputs": ["export"]}, "Nearest valid name: 'exports'"),
        ([{}], {"outputs": ["corridors:oil:cpc"]}, "'corridors:oil:cpc' names nothing"),
        ([{}], {"outputs": ["prices@total"]}, "prices can be kept by periods only"),
        ([{}], {"outputs": ["rents@2026"]}, "rents can be kept by @total only"),
        ([{}], {"outputs": ["exports@1999"]}, "There is no period '1999'"),
        ([{}], {"outputs": ["exports:oil:x"]}, "of exports the name is family"),
        ([{}], {"outputs": "exports"}, "needs to be a list"),
        ([{}], {"jobs": 1, "cluster": "tcp://x:1"}, "Give one of jobs, executor and cluster"),
    ],
)
def test_what_cannot_be_run_is_told_before_any_run(runs: list[Row], options: Row, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        sweep(two(), runs, **options)
    assert message in str(caught.value)


def test_every_wrong_address_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        sweep(two(), [{"Links:pip:tariff": 1.0}, {"Supply:filed:cost": 1.0}])
    assert "Links:pip:tariff" in str(caught.value)
    assert "filed" in str(caught.value)
