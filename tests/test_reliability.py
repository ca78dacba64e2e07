"""The README's tables of reliability are what was measured, and nothing in them went wrong."""

from __future__ import annotations

import json

from tests.benchmarks.reliability import KEPT, MARKS, PARTS, README, placed, section


def test_the_readme_says_what_was_measured() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert kept.keys() == PARTS.keys()
    readme = README.read_text(encoding="utf-8")
    assert all(readme.count(mark) == 1 for mark in MARKS)
    assert placed(readme, section(kept)) == readme


def test_what_was_measured_held() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert kept["hostile"]["wrong"] == 0
    assert kept["fuzz"]["faults"] == 0
    assert all(one["survived"] == one["tried"] > 0 for one in kept["kills"].values())
