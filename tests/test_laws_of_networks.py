"""Laws on random networks of every feature: what must change nothing changes nothing, and more room never hurts."""

from __future__ import annotations

import copy
from random import Random

import pytest

from tests.fuzz import laws
from tests.fuzz.campaign import breaks_law
from tests.fuzz.chance import Chance
from tests.fuzz.laws import LAWS
from tests.fuzz.networks import random_tables

SEEDS = range(12)


@pytest.mark.parametrize("law", LAWS)
def test_a_law_holds_on_random_networks(law: str) -> None:
    broken = [said for seed in SEEDS if (said := breaks_law(law, Random(f"{law} {seed}")))]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("law", LAWS)
def test_a_law_changes_what_it_says(law: str) -> None:
    """On some network the tables after are other than the tables before, so that the law is no empty one."""
    for seed in SEEDS:
        random = Random(seed)
        before = random_tables(random)
        after, _ = LAWS[law](before, Chance(random))
        if after != before:
            return
    pytest.fail("nothing was changed")


def test_a_broken_law_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def dearer(tables: laws.Tables, _: Chance) -> laws.Changed:
        after = copy.deepcopy(tables)
        for row in after["Supply"]:
            row["cost"] += 10
        return after, 1.0

    monkeypatch.setitem(LAWS, "money scales", dearer)
    assert any(breaks_law("money scales", Random(seed)) for seed in range(5))
