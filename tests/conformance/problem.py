"""A published case in memory, before it becomes the project's own tables."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tests.conformance.published import Published, Row, number

Place = tuple[str, str]


class InexpressibleError(Exception):
    """The tables cannot say what the case says; the message is the reason."""


@dataclass
class Arc:
    """One published arc."""

    name: str
    start: str
    end: str
    commodity: str
    period: str
    cost: float
    least: float
    most: float
    loss: float
    bundles: tuple[str, ...]
    use: float = 1.0
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def ends(self) -> tuple[Place, Place]:
        return (self.start, self.commodity), (self.end, self.commodity)


@dataclass
class Terminal:
    """One published supply (``money`` is its cost) or demand (``money`` is its price)."""

    name: str
    node: str
    commodity: str
    period: str
    money: float
    least: float
    most: float

    @property
    def place(self) -> Place:
        return self.node, self.commodity


@dataclass(frozen=True)
class Target:
    """What one unit of an option adds to the most, and to the least, of a row of a table."""

    table: str
    name: str
    most: float
    least: float


@dataclass
class Option:
    """One published option that may be bought."""

    name: str
    cost: float
    most: float
    whole: bool
    targets: list[Target]


@dataclass(frozen=True)
class Budget:
    """A published linear limit on what is bought; ``weights`` by option."""

    name: str
    sense: str
    limit: float
    weights: dict[str, float]


@dataclass
class Store:
    """A published store, its rows in the order of the periods; ``release`` is where it lets go."""

    name: str
    node: str
    release: str
    commodity: str
    rows: list[Row]


@dataclass
class Problem:
    """A published case in memory; ``constant`` is to be added to the cost of the optimum."""

    arcs: list[Arc]
    supply: list[Terminal]
    demand: list[Terminal]
    bundles: dict[str, tuple[float, float]]
    constant: float = 0.0
    options: list[Option] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)


def read_problem(case: Published) -> Problem:
    def terminals(table: str, money: str) -> list[Terminal]:
        return [
            Terminal(
                row["id"],
                row["node"],
                row["commodity"],
                row["period"],
                number(row[money], 0.0),
                number(row["min"], 0.0),
                number(row["max"], math.inf),
            )
            for row in case.table(table)
        ]

    arcs = [
        Arc(
            row["id"],
            row["from"],
            row["to"],
            row["commodity"],
            row["period"],
            number(row["cost"], 0.0),
            number(row["min"], 0.0),
            number(row["max"], math.inf),
            number(row["loss"], 0.0),
            tuple(filter(None, (row["bundle"] or "").split(";"))),
        )
        for row in case.table("arcs")
    ]
    bundles = {row["bundle"]: (number(row["min"], 0.0), number(row["max"], math.inf)) for row in case.table("bundles")}
    return Problem(
        arcs,
        terminals("supply", "cost"),
        terminals("demand", "price"),
        bundles,
        options=_options(case),
        budgets=_budgets(case),
        stores=_stores(case),
    )


def _options(case: Published) -> list[Option]:
    targets: dict[str, list[Target]] = {}
    for row in case.table("expansion_targets"):
        one = Target(row["table"], row["target"], number(row["unit_max"], 0.0), number(row["unit_min"], 0.0))
        targets.setdefault(row["expansion"], []).append(one)
    return [
        Option(
            row["id"],
            number(row["cost"], 0.0),
            number(row["max_units"], math.inf),
            number(row["integer"], 0.0) > 0,
            targets.get(row["id"], []),
        )
        for row in case.table("expansion")
    ]


def _budgets(case: Published) -> list[Budget]:
    weights: dict[str, dict[str, float]] = {}
    for row in case.table("budget_members"):
        weights.setdefault(row["budget"], {})[row["expansion"]] = number(row["weight"], 1.0)
    return [
        Budget(row["budget"], row["sense"], float(row["limit"]), weights.get(row["budget"], {}))
        for row in case.table("budgets")
    ]


def _stores(case: Published) -> list[Store]:
    order = [row["period"] for row in case.table("periods")]
    found: dict[tuple[str, str, str], Store] = {}
    for row in sorted(case.table("storage"), key=lambda row: order.index(row["period"])):
        key = row["node"], row["commodity"], row["release_node"] or row["node"]
        found.setdefault(key, Store(f"store_{len(found)}", key[0], key[2], key[1], [])).rows.append(row)
    for store in found.values():
        if [row["period"] for row in store.rows] != order:
            raise InexpressibleError("a store that is not there in every period")
    return list(found.values())
