"""The tables of a study of plans: how each does, what it regrets, what it builds, and what it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.analysis.plan import found
from model.analysis.plan.found import Plan, Study, Worth
from model.case import Case
from model.formulation import criteria, extensive
from model.parameters.convert import period_start
from model.results.declare import ResultColumn
from model.results.reference import equation_parts

if TYPE_CHECKING:
    import pandas as pd

MILLIONS: Final = "million USD"
PLAN: Final = ResultColumn(
    "plan", "The plan: by a criterion, best for one scenario or for their mean, or to build nothing"
)
SCENARIO: Final = ResultColumn("scenario", "The scenario that comes true")


@dataclass(frozen=True)
class PlanTable:
    """One table: question, columns, and the function that gives its rows."""

    name: str
    question: str
    columns: tuple[ResultColumn, ...]
    rows: Callable[[Study], Iterator[tuple[Any, ...]]]
    per_scenario: bool = True

    @property
    def attribute(self) -> str:
        """The table's name in Python."""
        return self.name.lower().replace(" ", "_")

    def frame(self, study: Study) -> pd.DataFrame:
        """The table of a study."""
        import pandas as pd

        rows = list(self.rows(study))
        names = [column.name for column in self.columns]
        columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
        numeric = {column.name for column in self.columns if column.format != "text"}
        return pd.DataFrame({n: np.array(v, dtype=float if n in numeric else object) for n, v in columns.items()})


def _money(name: str, meaning: str) -> ResultColumn:
    return ResultColumn(name, meaning, MILLIONS, "money")


def _plans(study: Study) -> Iterator[tuple[Any, ...]]:
    for plan in study.plans:
        low, high = study.regret(plan)
        worst = int(np.argmax(low)) if not plan.failures else -1
        losses = study.sign * plan.losses
        bad = int(np.argmax(plan.losses)) if not plan.failures else -1
        yield (
            plan.name,
            low.max(),
            high.max(),
            study.scenarios[worst] if worst >= 0 else "",
            study.sign * study.expected(plan),
            study.sign * study.tail(plan),
            losses[bad] if bad >= 0 else np.nan,
            study.scenarios[bad] if bad >= 0 else "",
            study.gap(plan) if plan.criterion else np.nan,
            status_of(study, plan),
        )


def status_of(study: Study, plan: Plan) -> str:
    """How far a plan can be trusted to be the best of its kind, in a few words."""
    if plan.failures:
        return f"cannot be carried out in {', '.join(plan.failures)}"
    best = next((b for b in study.best if plan.name == f"best for {b.scenario}"), None)
    if best is not None and not best.proven:
        return f"search ended early ({best.stop}), {best.found - best.bound:,.4g} {MILLIONS} from proof"
    if not plan.criterion:
        return "carried out in every scenario"
    if plan.stop:
        return f"search ended early ({plan.stop}): another plan may be up to {study.gap(plan):,.4g} {MILLIONS} better"
    return f"best to within {study.gap(plan):,.4g} {MILLIONS}" if study.gap(plan) else "proven best"


def _outcomes(study: Study) -> Iterator[tuple[Any, ...]]:
    chances = np.full(len(study.best), np.nan) if study.probability is None else study.probability
    for plan in study.plans:
        low, high = study.regret(plan)
        for s, best in enumerate(study.best):
            possible = "cannot be carried out" if best.scenario in plan.failures else "carried out"
            yield (
                plan.name, best.scenario, chances[s], possible, study.sign * plan.losses[s], study.sign * best.found,
                study.sign * best.bound, low[s], high[s], plan.unserved[s],
            )  # fmt: skip


def _build(study: Study) -> Iterator[tuple[Any, ...]]:
    names = study.case["Projects"].keys
    for plan in study.plans:
        for p, t in zip(*np.nonzero(plan.units > 1e-9), strict=True):
            ready = f"{max(_ready(case, p, t) for case in study.choice.cases):g}"
            capex = [plan.units[p, t] * case.number("Projects", "capex")[p, t] for case in study.choice.cases]
            for fund, share in study.case.word("Projects", "funds")[p] or (("", 1.0),):
                paid = [share * one for one in capex]
                period = study.case.periods[t]
                yield plan.name, names[p], period, ready, plan.units[p, t], fund, min(paid), max(paid)


def _ready(case: Case, project: int, period: int) -> float:
    return float(period_start(case)[period] + case.number("Projects", "lead_years")[project, 0])


def _failures(study: Study) -> Iterator[tuple[Any, ...]]:
    for plan in study.plans:
        for scenario, why in plan.failures.items():
            for text in why or ("the solver found no flows",):
                yield plan.name, scenario, text


def worths(study: Study) -> list[tuple[str, str, Worth]]:
    """What knowing or planning more is worth: name, what it is, and the number."""
    return [
        ("EVPI", "What it would be worth to know the scenario before building", study.evpi),
        ("VSS", "What planning for all scenarios is worth, against planning for their mean", study.vss),
    ]


def _worths(study: Study) -> Iterator[tuple[Any, ...]]:
    for name, meaning, worth in worths(study):
        yield name, meaning, worth.low, worth.high, worth.reason


def _method(_: Study) -> Iterator[tuple[Any, ...]]:
    for name, documented in (
        ("criterion expected", criteria.expected),
        ("criterion regret", criteria.regret),
        ("criterion cvar", criteria.cvar),
        ("programme of all scenarios", extensive),
        ("EVPI", found.expected_value_of_information),
        ("VSS", found.value_of_stochastic_solution),
    ):
        yield name, *equation_parts(documented)


PLANS: Final = PlanTable(
    "Plans",
    "How does each plan do at worst, on average and in the tail?",
    (
        PLAN,
        _money("worst_regret", "Most that it loses in any scenario against that scenario's own best plan"),
        _money("worst_regret_high", "The same at most, where a scenario's own best is not proven"),
        ResultColumn("regretted_in", "The scenario of that regret"),
        _money("expected", "Expected value (with objective cost: cost); blank without probabilities"),
        _money("tail", "Mean of the worst outcomes, of the setting tail's probability"),
        _money("worst", "Worst value of all scenarios"),
        ResultColumn("worst_in", "The scenario of that value"),
        _money("gap", "How much better by its criterion another plan may be; blank where none was asked"),
        ResultColumn("status", "Whether it is proven best, and where it cannot be carried out"),
    ),
    _plans,
)
OUTCOMES: Final = PlanTable(
    "Outcomes",
    "What does each plan bring when a scenario comes true, and what is regretted?",
    (
        PLAN,
        SCENARIO,
        ResultColumn("probability", "Its probability; blank without", "share", "share"),
        ResultColumn("possible", "Whether the plan can be carried out there; why not stands in What fails"),
        _money("value", "Value (with objective cost: cost) with the plan, flows free"),
        _money("best", "Value of the scenario's own best plan"),
        _money("best_possible", "The best value that is not ruled out; another than best where the search ended early"),
        _money("regret", "What the plan loses against the best; at least, where that is not proven"),
        _money("regret_high", "What it loses at most"),
        _money("unserved", "What unserved firm demand counts in the value"),
    ),
    _outcomes,
)
BUILD: Final = PlanTable(
    "Build",
    "What is built when, and with whose money?",
    (
        PLAN,
        ResultColumn("project", "What is built"),
        ResultColumn("period", "Period in which building starts"),
        ResultColumn("ready", "When it can be used, by the longest lead time of all scenarios", "year"),
        ResultColumn("units", "Units built", "units", "number"),
        ResultColumn("fund", "Who pays; blank = money without a limit"),
        _money("paid", "What the fund pays, undiscounted; in the scenario where that is least"),
        _money("paid_high", "The same where it is most"),
    ),
    _build,
)
FAILURES: Final = PlanTable(
    "What fails",
    "Which plan cannot be carried out in which scenario, and why?",
    (PLAN, SCENARIO, ResultColumn("why", "What is broken or lacking, with its cells")),
    _failures,
    per_scenario=False,
)
WORTHS: Final = PlanTable(
    "Worth of knowing",
    "What is it worth to know more, or to plan for more than the mean?",
    (
        ResultColumn("measure", "Its name"),
        ResultColumn("meaning", "What it is"),
        _money("low", "At least"),
        _money("high", "At most"),
        ResultColumn("reason", "Why there is none"),
    ),
    _worths,
)
METHOD: Final = PlanTable(
    "Method",
    "What exactly is minimised?",
    (
        ResultColumn("name", "Criterion or measure"),
        ResultColumn("law", "What it says"),
        ResultColumn("equation", "The same as an equation"),
        ResultColumn("symbols", "Where its numbers come from"),
    ),
    _method,
    per_scenario=False,
)
TABLES: Final = (PLANS, OUTCOMES, BUILD, WORTHS, FAILURES, METHOD)


def built(study: Study, plan: Plan) -> list[tuple[str, float, str]]:
    """Projects that a plan builds: name, units in all, and the period of the first."""
    names, periods = study.case["Projects"].keys, study.case.periods
    return [
        (names[p], float(row.sum()), periods[int(np.argmax(row > 1e-9))])
        for p, row in enumerate(plan.units)
        if row.max(initial=0.0) > 1e-9
    ]
