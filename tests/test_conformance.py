"""Networks that others published, solved by this project: the optimum is theirs, or the case is listed with its reason.

The cases are not part of the repository: the environment variable CONFORMANCE_CASES names their folder.
``python -m tests.conformance`` prints a table of all.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model.api import read_case, solve
from model.errors import InfeasibleCase, UnboundedCase
from tests.conformance.converter import InexpressibleError, convert, safe_names
from tests.conformance.published import Published, published_cases
from tests.conformance.running import misfit, solved

FOLDER = os.environ.get("CONFORMANCE_CASES")
CASES = published_cases(Path(FOLDER)) if FOLDER else []

GROWTH = "volume grows round a loop of links"
PROJECTS = "capacity to be bought; the sheet Projects is not honoured yet"
PROJECTS_AND_BUDGETS = "capacity to be bought within budgets; Projects and Funds are not honoured yet"
STORAGE = "stocks between periods; the sheet Storage is not honoured yet"

INEXPRESSIBLE = {"gams_gnetgn99": GROWTH}

DEFERRED = {
    "ampl_multmip1": PROJECTS,
    "ampl_multmip2": PROJECTS,
    "ampl_multmip3": PROJECTS_AND_BUDGETS,
    "fctp_bal8x12": PROJECTS,
    "fctp_bk4x3": PROJECTS,
    "fctp_gr4x6": PROJECTS,
    "fctp_ran10x10a": PROJECTS,
    "gams_pdi": STORAGE,
    "gams_pdi_free": STORAGE,
    "gams_whouse": STORAGE,
    "jump_factory_schedule": PROJECTS,
    "miplib_egout": PROJECTS,
    "miplib_sp150x300d": PROJECTS,
    "netlib_gfrd_pnc": PROJECTS_AND_BUDGETS,
    "netlib_sierra": PROJECTS_AND_BUDGETS,
    "netlib_sierra_mip": PROJECTS_AND_BUDGETS,
    "orlib_cap41_cap": PROJECTS,
    "orlib_cap41_uncap": PROJECTS,
    "orlib_pmed1_budget": PROJECTS_AND_BUDGETS,
    "williams_distribution2": PROJECTS_AND_BUDGETS,
}

TABLES = {PROJECTS: "expansion", PROJECTS_AND_BUDGETS: "budgets", STORAGE: "storage"}

needs_cases = pytest.mark.skipif(FOLDER is None, reason="CONFORMANCE_CASES names no folder of published cases")


@needs_cases
def test_the_folder_holds_cases_and_every_listed_one() -> None:
    assert CASES, f"no case.json in a folder of {FOLDER}"
    missing = {*INEXPRESSIBLE, *DEFERRED} - {case.name for case in CASES}
    assert not missing, f"listed as not solved, but not there: {sorted(missing)}"


@needs_cases
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_published_case(case: Published) -> None:
    if case.name in DEFERRED:
        assert case.table(TABLES[DEFERRED[case.name]]), f"{case.name} has nothing that the project cannot do"
        return
    if case.name in INEXPRESSIBLE:
        with pytest.raises(InexpressibleError, match=INEXPRESSIBLE[case.name]):
            convert(case)
        return
    _meets_what_was_published(case)


def _meets_what_was_published(case: Published) -> None:
    converted = convert(case)
    status = case.about["status"]
    if status == "optimal":
        found = solved(converted)
        misses = misfit(case, found)
        target = case.about["canonical_min_objective"]
        assert misses <= case.about["tolerance_rel"], f"{case.name}: {found} here, {target} published, {misses:.1e} off"
        return
    with pytest.raises({"infeasible": InfeasibleCase, "unbounded": UnboundedCase}[status]) as caught:
        solve(read_case(converted.tables))
    if status == "infeasible":
        assert caught.value.shortages, f"{case.name}: nothing is named as missing"
        assert all(one.cells for one in caught.value.shortages)


@pytest.mark.parametrize(("published", "safe"), [("a@b", "a_b"), ("x..y", "x_.y"), ("ok-1", "ok-1")])
def test_names_are_madesafe_names(published: str, safe: str) -> None:
    assert safe_names([published]) == {published: safe}


def test_safe_names_stay_apart() -> None:
    assert len(set(safe_names(["a@b", "a;b", "a_b"]).values())) == 3
