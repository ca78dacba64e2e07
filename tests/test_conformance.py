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
from tests.conformance.converter import convert
from tests.conformance.names import safe_names
from tests.conformance.problem import InexpressibleError
from tests.conformance.published import Published, published_cases
from tests.conformance.running import misfit, solved

FOLDER = os.environ.get("CONFORMANCE_CASES")
CASES = published_cases(Path(FOLDER)) if FOLDER else []

GROWTH = "volume grows round a loop of links"
INEXPRESSIBLE = {"gams_gnetgn99": GROWTH}

needs_cases = pytest.mark.skipif(FOLDER is None, reason="CONFORMANCE_CASES names no folder of published cases")


@needs_cases
def test_the_folder_holds_cases_and_every_listed_one() -> None:
    assert CASES, f"no case.json in a folder of {FOLDER}"
    missing = set(INEXPRESSIBLE) - {case.name for case in CASES}
    assert not missing, f"listed as not solved, but not there: {sorted(missing)}"


@needs_cases
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_published_case(case: Published) -> None:
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
