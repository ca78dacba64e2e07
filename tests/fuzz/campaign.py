"""Campaigns: many random cases, what came of them, and the few rules that each must keep."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from model.api import read_case
from model.case import Case
from model.workbook.sheets import SHEETS
from model.workbook.template import write_workbook
from tests.cases import built_tables, rich_tables
from tests.fuzz.books import Book, read_book, write_book
from tests.fuzz.chance import Chance
from tests.fuzz.laws import LAWS
from tests.fuzz.mutations import Mutation, mutate
from tests.fuzz.networks import random_tables
from tests.fuzz.running import Outcome, by_check, by_command, by_tables, case_of
from tests.hostile import feasible
from tests.oracle.problem import optimum

TUTORIAL: Final = Path(__file__).resolve().parents[2] / "inputs" / "tutorial.xlsx"
WHOLE_WAY: Final = 5  # one case in so many is written as results


def campaign(cases: int, seed: int, tell: Callable[[str], object]) -> dict[str, int]:
    """Counts of what came of so many cases, in turn spoilt workbooks, random networks and laws on random networks."""
    counts: Counter[str] = Counter(dict.fromkeys(("cases", "clean error", "no answer", "closed", "faults"), 0))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(cases):
            random = Random(f"{seed}-{number}")
            kind = (spoilt, network, lawful)[number % 3]
            what, found = kind(random, Path(folder), whole_way=number // 3 % WHOLE_WAY == 0)
            counts["cases"] += 1
            counts["faults" if found.kind == "fault" else found.kind] += 1
            if found.kind == "fault":
                tell(f"seed {seed}, case {number}: {what}\n{found.said}")
    return dict(counts)


def spoilt(random: Random, folder: Path, *, whole_way: bool) -> tuple[str, Outcome]:
    """A valid workbook, spoilt in one to three ways."""
    draw = Chance(random)
    origin = draw.one(origins())
    book, done = origin.book.copy(), []
    for _ in range(draw.one((1, 1, 1, 2, 3))):
        # after a first change some things may be gone that a second would take
        if all(sheet.is_whole for sheet in book.sheets):
            done.append(mutate(book, draw))
    path = write_book(book, folder / "book.xlsx")
    what = f"{origin.book.name}: " + "; ".join(one.what for one in done)
    found = by_command(path, folder / "out") if whole_way else by_check(path)
    return what, found if found.kind == "fault" else _kept(found, origin, path, done)


def network(random: Random, folder: Path, *, whole_way: bool) -> tuple[str, Outcome]:
    """A random network, in memory or the whole way from a workbook to one of results."""
    tables = random_tables(random)
    if whole_way:
        path = write_workbook(folder / "network.xlsx", tables, overwrite=True)
        found = by_command(path, folder / "out")
    else:
        found = by_tables(tables)
    for scenario, value in found.values:
        status, other = optimum(tables, scenario)
        if status != "optimal" or not math.isclose(value, other, rel_tol=1e-6, abs_tol=1e-6):
            return "network", Outcome("fault", f"{scenario}: {value}, but another solver says {status}, {other}")
    return "network", found


def lawful(random: Random, _: Path, *, whole_way: bool) -> tuple[str, Outcome]:
    """A random network before and after a change whose effect is known; nothing is written."""
    law = Chance(random).one(tuple(LAWS))
    said = breaks_law(law, random)
    return law, Outcome("fault", said) if said else Outcome("closed", f"{law}, {whole_way=}")


def breaks_law(law: str, random: Random) -> str:
    """How a random network breaks a law, in words; "" where it keeps it.

    What has no answer must have none after a change that means nothing.
    """
    before = random_tables(random)
    after, times = LAWS[law](before, Chance(random))
    one, two = by_tables(before), by_tables(after)
    said = f"{law}: {one.values} became {two.values}\n{one.said}\n{two.said}"
    if "fault" in (one.kind, two.kind) or (times is not None and len(one.values) != len(two.values)):
        return said
    cost = any(row["setting"] == "objective" and row["value"] == "cost" for row in before["Settings"])
    found = dict(two.values)
    for scenario, value in one.values:
        if scenario not in found:
            return said
        speck = 1e-6 * max(1.0, abs(value) * (times or 1.0))
        gain = found[scenario] - value * (times or 1.0)
        if (abs(gain) if times is not None else gain if cost else -gain) > speck:
            return said
    return ""


@dataclass(frozen=True)
class Origin:
    """A valid workbook, the case that it holds, and what comes of it."""

    book: Book
    case: Case
    values: tuple[tuple[str, float], ...]


@cache
def origins() -> tuple[Origin, ...]:
    """The tutorial, and three made for tests that together use every sheet and column."""
    with tempfile.TemporaryDirectory() as folder:
        made = {"rich": rich_tables(), "built": built_tables(), "tiny": feasible()}
        paths = [write_workbook(Path(folder) / f"{name}.xlsx", tables) for name, tables in made.items()]
        return tuple(Origin(read_book(path), read_case(path), by_tables(path).values) for path in (TUTORIAL, *paths))


def _kept(found: Outcome, origin: Origin, path: Path, done: list[Mutation]) -> Outcome:
    """Whether what must change changed, and what must not did not."""
    expected = {one.expected for one in done}
    if expected == {"same"} and not _same(found.values, origin.values):
        return Outcome("fault", f"nothing should have changed, but {found.values} for {origin.values}\n{found.said}")
    case = case_of(path)
    if expected == {"differs"} and len(done) == 1 and case is not None and _alike(case, origin.case):
        return Outcome("fault", "the number was passed over")
    return found


def _same(one: tuple[tuple[str, float], ...], two: tuple[tuple[str, float], ...]) -> bool:
    mine, other = dict(one), dict(two)
    return mine.keys() == other.keys() and all(
        math.isclose(value, other[name], rel_tol=1e-6, abs_tol=1e-6) for name, value in mine.items()
    )


def _alike(one: Case, two: Case) -> bool:
    """Whether two cases hold the same names, words, numbers and settings."""
    if one.settings != two.settings:
        return False
    for name in SHEETS:
        mine, other = one[name], two[name]
        if (mine.keys, mine.words) != (other.keys, other.words):
            return False
        if any(not np.array_equal(mine.numbers[c], other.numbers[c], equal_nan=True) for c in other.numbers):
            return False
    return True
