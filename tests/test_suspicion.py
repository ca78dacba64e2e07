"""What check says about legal but odd input."""

from __future__ import annotations

import pytest
from cases import demand, link, read, supply, tables

from model.network import build_network
from model.suspicion import suspicions


def said(what: str, **leg: object) -> list[str]:
    """Suspicions about a two-leg route under one limit on flows."""
    case = read(
        tables(
            Supply=[supply("s", "field", "crude", 10)],
            Demand=[demand("d", "west", "crude", 10, 100)],
            Links=[link("in", "field", "port", "crude"), link("on", "port", "west", "crude", **leg)],
            Limits=[{"limit": "quota", "measure": "flow", "what": what, "at_most": 5}],
        )
    )
    return suspicions(case, build_network([case]))


def test_links_in_series_under_one_limit_are_named() -> None:
    """A limit over both legs of one route counts each tonne twice; over one leg it does not."""
    assert said("link=*") == ["Limits!C2: 'in' and 'on' lie in series; what passes both is counted twice."]
    assert said("link=in") == []


@pytest.mark.parametrize(("place", "count"), [("east", 1), ("port", 0)])
def test_a_fee_that_nobody_takes_is_named(place: str, count: int) -> None:
    """At east nobody buys crude, so a link that pays its fee there is shut; at the port the fee can be sent on."""
    found = said("link=in", fee_in_kind=0.1, fee_to=place)
    assert len([line for line in found if "can carry none of it" in line]) == count
