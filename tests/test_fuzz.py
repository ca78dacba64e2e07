"""Whatever is written into a workbook: a clean error with its place, or a result whose audit closes.

``python -m tests.fuzz --cases N --seed S`` runs many more of the same.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz import campaign, running
from tests.fuzz.books import Formula, Raw, read_book, write_book
from tests.fuzz.campaign import TUTORIAL, network, origins, spoilt
from tests.fuzz.chance import Chance
from tests.fuzz.mutations import Mutation
from tests.fuzz.running import Outcome, by_check, names_a_place

# always the same cases, and a failing one is shown as it is: what was spoilt is said in words
STEADY = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
chance = st.randoms(use_true_random=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@given(random=chance)
@settings(STEADY, max_examples=30)
def test_a_spoilt_workbook_is_refused_with_a_place_or_solved(folder: Path, random: Random) -> None:
    what, found = spoilt(random, folder, whole_way=False)
    assert found.kind != "fault", f"{what}\n{found.said}"


@given(random=chance)
@settings(STEADY, max_examples=3)
def test_and_so_it_is_on_the_way_to_written_results(folder: Path, random: Random) -> None:
    what, found = spoilt(random, folder, whole_way=True)
    assert found.kind != "fault", f"{what}\n{found.said}"


@given(random=chance)
@settings(STEADY, max_examples=15)
def test_a_random_network_closes_or_says_what_is_in_the_way(folder: Path, random: Random) -> None:
    what, found = network(random, folder, whole_way=False)
    assert found.kind != "fault", f"{what}\n{found.said}"


@given(random=chance)
@settings(STEADY, max_examples=3)
def test_and_so_it_does_on_the_way_to_written_results(folder: Path, random: Random) -> None:
    what, found = network(random, folder, whole_way=True)
    assert found.kind != "fault", f"{what}\n{found.said}"


def test_a_campaign_counts_every_case_once() -> None:
    told: list[str] = []
    counts = campaign.campaign(6, 7, told.append)
    assert counts["cases"] == 6
    assert sum(counts.values()) == 2 * 6
    assert len(told) == counts["faults"]


def test_what_is_written_of_a_book_is_what_was_read(folder: Path) -> None:
    book = read_book(TUTORIAL)
    copy = read_book(write_book(book, folder / "copy.xlsx"))
    assert [(one.title, one.columns(), one.rows()) for one in copy.sheets] == [
        (one.title, one.columns(), one.rows()) for one in book.sheets
    ]
    assert by_check(folder / "copy.xlsx").values == by_check(TUTORIAL).values


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (Raw("1E+999"), "not reckoned with"),
        (Formula("=1/0", "#DIV/0!"), "error value of the formula"),
        (Formula("=1+1", None), "never calculated"),
        (True, "Yes and no are no numbers."),
        (1e15, "not reckoned with"),
    ],
)
def test_what_no_number_is_reaches_the_reader_as_it_is(folder: Path, value: object, says: str) -> None:
    book = read_book(TUTORIAL)
    links = next(one for one in book.sheets if one.title == "Links")
    column = {name: i for i, name in links.columns()}["tariff"]
    links.grid[links.rows()[0]][column] = value
    found = by_check(write_book(book, folder / "odd.xlsx"))
    assert found.kind == "clean error"
    assert says in found.said


class TestOfTheTests:
    """A silent drop, a traceback, a message without a place and a changed value are told as faults."""

    def test_a_number_that_is_passed_over(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(campaign, "mutate", lambda *_: Mutation("nothing", "differs"))
        # where several things are changed at once, one may undo another
        said = [spoilt(Random(seed), folder, whole_way=False)[1].said for seed in range(4)]
        assert "the number was passed over" in said

    def test_a_change_where_there_should_be_none(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def dearer(book: campaign.Book, _: Chance) -> Mutation:
            links = next(one for one in book.sheets if one.title == "Links")
            column = {name: i for i, name in links.columns()}["tariff"]
            for row in links.rows():
                links.grid[row][column] *= 1.01
            return Mutation("dearer", "same")

        monkeypatch.setattr(campaign, "mutate", dearer)
        assert "nothing should have changed" in spoilt(Random(1), folder, whole_way=False)[1].said

    def test_a_fault_of_the_programme(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(_: object) -> None:
            raise KeyError("oops")

        monkeypatch.setattr(running, "read_case", broken)
        assert running.by_tables({}).kind == "fault"
        assert "oops" in running.by_check(TUTORIAL).said

    def test_a_value_that_another_solver_does_not_find(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(campaign, "by_tables", lambda _: Outcome("closed", "", (("base", 1.0),)))
        assert "another solver" in network(Random(1), folder, whole_way=False)[1].said

    @pytest.mark.parametrize(
        ("said", "named"), [("Links!H2", True), ("Use\n    is no sheet", True), ("something is wrong", False)]
    )
    def test_a_message_without_a_place(self, said: str, named: bool) -> None:
        assert names_a_place(said) is named


def test_the_workbooks_that_are_spoilt_have_answers() -> None:
    assert all(one.values for one in origins())
