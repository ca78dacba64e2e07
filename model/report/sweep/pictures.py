"""The pictures of a batch as plain numbers, so that workbook, page and image files show the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.analysis.designs.carrying_out import Outcome
from model.analysis.designs.frames import Exports, solved
from model.case import Case, FloatArray
from model.results.exports import family_units

if TYPE_CHECKING:
    import pandas as pd

MOST_BARS: Final = 15
MOST_FANS: Final = 6
MOST_POINTS: Final = 5_000  # of a scatter; more hide one another and make the files heavy
LEAST_WIDTH: Final = 0.01  # of its volume: what varies less has no fan
MOST_GROUPS: Final = 7
BINS: Final = 20
MONEY: Final = "million USD, discounted"
REST: Final = "others"


@dataclass(frozen=True)
class Series:
    """Bars of one kind; ``low`` and ``high`` are the ends of their intervals, None where there are none."""

    name: str
    lengths: tuple[float, ...]
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Bars:
    """Ranked bars, the longest first."""

    names: tuple[str, ...]
    series: tuple[Series, ...]
    axis: str


@dataclass(frozen=True)
class Swings:
    """A tornado: the value at both ends of each input, against that of the case as it stands."""

    names: tuple[str, ...]
    present: float
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_low: tuple[str, ...]
    at_high: tuple[str, ...]
    axis: str


@dataclass(frozen=True)
class Fan:
    """Quantiles over the periods: 5, 25, 50, 75 and 95 % of the runs lie below."""

    periods: tuple[str, ...]
    quantiles: tuple[tuple[float, ...], ...]
    axis: str


@dataclass(frozen=True)
class Histogram:
    """How many runs fall between neighbouring edges."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    axis: str


@dataclass(frozen=True)
class Scatter:
    """Points by group, each group with its x and y."""

    groups: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]]
    x_axis: str
    y_axis: str


@dataclass(frozen=True)
class Picture:
    """One picture: its file name, title, what it shows, what it says in words, and its numbers."""

    key: str
    title: str
    note: str
    said: str
    drawing: Bars | Swings | Fan | Histogram | Scatter


def pictures_of(case: Case, outcome: Outcome) -> list[Picture]:
    """Every picture that the tables of an outcome give, the answer to its question first."""
    drawers: tuple[Callable[[Case, Outcome], list[Picture]], ...] = (
        _tornado, _indices, _outages, _scenarios, _histogram, _scatter, _fans
    )  # fmt: skip
    return [picture for draw in drawers for picture in draw(case, outcome)]


def _numbers(values: pd.Series[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _texts(values: pd.Series[str]) -> tuple[str, ...]:
    return tuple(map(str, values))


def _list(names: tuple[str, ...], values: tuple[float, ...], count: int = 5) -> str:
    return ", ".join(f"{name} {in_words(value)}" for name, value in list(zip(names, values, strict=True))[:count])


def in_words(value: float) -> str:
    """A number with some four digits and marks between thousands, never as a power of ten."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _tornado(_: Case, outcome: Outcome) -> list[Picture]:
    if "Tornado" not in outcome.tables:
        return []
    table = outcome.tables["Tornado"].dropna(subset=["swing"]).head(MOST_BARS)
    if table.empty:
        return []
    names, swing = _texts(table["input"]), _numbers(table["swing"])
    drawing = Swings(
        names,
        float(table["value_present"].iloc[0]),
        _numbers(table["value_low"]),
        _numbers(table["value_high"]),
        _texts(table["at_low"]),
        _texts(table["at_high"]),
        MONEY,
    )
    note = "Value with one input alone at its low or high end, the plan made anew; the line is the case as it stands."
    return [Picture("tornado", "Which input moves the value most", note, f"Swings: {_list(names, swing)}.", drawing)]


def _indices(_: Case, outcome: Outcome) -> list[Picture]:
    found = []
    if "Sobol" in outcome.tables:
        table = _of_value(outcome.tables["Sobol"])
        names = _texts(table["input"])
        series = tuple(
            Series(title, *(_numbers(table[f"{name}{end}"]) for end in ("", "_low", "_high")))
            for name, title in (("first", "alone"), ("total", "with others"))
        )
        note = "Share of the value's variance (Sobol'), with 95 % bootstrap intervals."
        said = f"Total shares: {_list(names, series[1].lengths)}."
        found.append(Picture("sobol", "Where the uncertainty of the value comes from", note, said,
                             Bars(names, series, "share of the variance")))  # fmt: skip
    if "Morris" in outcome.tables:
        table = _of_value(outcome.tables["Morris"])
        names = _texts(table["input"])
        ends = (_numbers(table[f"absolute_{end}"]) for end in ("effect", "low", "high"))
        series = (Series("mean absolute effect", *ends),)
        note = (
            "Mean absolute effect of the whole range of an input on the value (Morris), with 95 % bootstrap intervals."
        )
        said = f"Effects: {_list(names, series[0].lengths)}."
        found.append(Picture("morris", "Which inputs matter", note, said, Bars(names, series, "million USD")))
    return [one for one in found if isinstance(one.drawing, Bars) and one.drawing.names]


def _of_value(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["output"] == "value"].dropna().head(MOST_BARS)


def _outages(_: Case, outcome: Outcome) -> list[Picture]:
    found = []
    for name, key, title in (
        ("Outages", "outages", "What each corridor's outage costs"),
        ("Outage pairs", "outage_pairs", "What two outages at once cost"),
    ):
        if name in outcome.tables:
            table = outcome.tables[name].dropna(subset=["lost_per_day"])
            table = table[table["value_lost"] > 0].head(MOST_BARS)
            names = _texts(table["corridor"])
            if "second" in table:
                names = tuple(f"{one} + {two}" for one, two in zip(names, table["second"], strict=True))
            if names:
                lost = _numbers(table["lost_per_day"])
                span = str(table["span"].iloc[0])
                note = f"Value lost per day while the corridors are out in {span}."
                drawing = Bars(names, (Series("value lost per day", lost),), "million USD a day")
                found.append(Picture(key, title, note, f"Lost per day: {_list(names, lost)}.", drawing))
    return found


def _scenarios(_: Case, outcome: Outcome) -> list[Picture]:
    if "Scenarios" not in outcome.tables:
        return []
    table = outcome.tables["Scenarios"]
    first = str(table["scenario"].iloc[0])
    table = table.iloc[1:].dropna(subset=["against_first"])
    table = table.sort_values("against_first", key=lambda one: -one.abs(), kind="stable").head(MOST_BARS)
    if table.empty:
        return []
    names, change = _texts(table["scenario"]), _numbers(table["against_first"])
    note = f"Value of each scenario less that of {first}."
    drawing = Bars(names, (Series(f"against {first}", change),), MONEY)
    return [Picture("scenarios", "How the scenarios compare", note, f"Changes: {_list(names, change)}.", drawing)]


# ---- samples


def _sampled(outcome: Outcome) -> pd.DataFrame | None:
    """The runs that are a sample and have an optimum; None where the design is none, or too few have one."""
    if "Spread" not in outcome.tables:
        return None
    frame = outcome.frame.reset_index(drop=True)
    if outcome.design.kind == "sobol":
        width = len(set(outcome.design.about["group"])) + 2
        frame = frame[frame.index % width < 2]
    good = solved(frame)
    return good if len(good) > 4 else None


def _histogram(_: Case, outcome: Outcome) -> list[Picture]:
    good = _sampled(outcome)
    if good is None or outcome.design.kind == "grid":
        return []
    value = good["value"].to_numpy(dtype=np.float64)
    if np.ptp(value) <= 1e-9 * max(1.0, float(np.abs(value).max())):
        return []
    counts, edges = np.histogram(value, bins=min(BINS, max(5, round(len(value) ** 0.5))))
    low, middle, high = np.quantile(value, [0.05, 0.5, 0.95])
    shown = [in_words(float(one)) for one in (low, high, middle)]
    said = f"Nine runs of ten lie between {shown[0]} and {shown[1]}, half of all below {shown[2]} {MONEY}."
    drawing = Histogram(tuple(edges.tolist()), tuple(counts.tolist()), f"value, {MONEY}")
    return [Picture("value", "How the value is spread", said, said, drawing)]


def _scatter(_: Case, outcome: Outcome) -> list[Picture]:
    """The two inputs with which the value goes most, by the corridor that carries most."""
    good = _sampled(outcome)
    if good is None or "Inputs" not in outcome.tables:
        return []
    left = f" The first {MOST_POINTS:,} of {len(good):,} runs are shown." if len(good) > MOST_POINTS else ""
    good = good.head(MOST_POINTS)
    chosen = outcome.tables["Inputs"].dropna().drop_duplicates("input")["range"].tolist()[:2]
    family, leaders = _telling_leaders(good)
    if not chosen or not leaders:
        return []
    points = outcome.design.points[good.index.to_numpy()]
    x = points[:, outcome.design.factors.index(chosen[0])]
    second = chosen[1] if len(chosen) > 1 else None
    y = good["value"].to_numpy() if second is None else points[:, outcome.design.factors.index(second)]
    common = [name for name, _ in sorted(_counts(leaders).items(), key=lambda one: -one[1])]
    shown = common if len(common) <= MOST_GROUPS else [*common[: MOST_GROUPS - 1], REST]
    place = np.array([shown.index(name if name in shown else REST) for name in leaders])
    groups = {name: (tuple(x[place == i].tolist()), tuple(y[place == i].tolist())) for i, name in enumerate(shown)}
    note = f"Each point is a run; its colour is the corridor that carries most {family} over all periods."
    if len(groups) == 1:
        note = f"Each point is a run; in all of them {shown[0]} carries most {family} over all periods."
    said = "; ".join(f"{name} leads in {len(xs)} runs" for name, (xs, _) in groups.items())
    drawing = Scatter(groups, chosen[0], second or f"value, {MONEY}")
    return [Picture("leading_corridor", f"Which corridor leads for {family}", note + left, f"{said}.", drawing)]


def _telling_leaders(good: pd.DataFrame) -> tuple[str, list[str]]:
    """The family whose leading corridor changes most often, and its leader in each run."""
    exports = Exports(good)
    found: tuple[str, list[str]] = ("", [])
    most = -1
    for family in exports.families:
        leaders = [name or "none" for name in exports.leading(family)]
        changes = len(leaders) - max(_counts(leaders).values())
        if changes > most:
            found, most = (family, leaders), changes
    return found


def _counts(names: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found


def _fans(case: Case, outcome: Outcome) -> list[Picture]:
    """Exports over time of the largest corridors that vary; bars with intervals where there is one period only."""
    if _sampled(outcome) is None or outcome.design.kind == "grid" or "Export quantiles" not in outcome.tables:
        return []
    table = outcome.tables["Export quantiles"]
    units = family_units(case)[0]
    width = (table["p95"] - table["p05"]).groupby([table["family"], table["corridor"]], sort=False).sum()
    size = table.groupby(["family", "corridor"], sort=False)["mean"].sum()
    size = size[width > LEAST_WIDTH * size]
    if len(set(table["period"])) == 1:
        return [_one_period(table, family, units) for family in dict.fromkeys(table["family"])]
    found = []
    for place, (family, name) in enumerate(size.sort_values(ascending=False, kind="stable").index[:MOST_FANS], 1):
        rows = table[(table["family"] == family) & (table["corridor"] == name)]
        quantiles = tuple(_numbers(rows[column]) for column in ("p05", "p25", "p50", "p75", "p95"))
        last = (
            f"{in_words(quantiles[0][-1])} to {in_words(quantiles[4][-1])} {units[family]} in {rows['period'].iloc[-1]}"
        )
        note = "The line is the median; half of all runs lie in the dark band, nine of ten in the light one."
        drawing = Fan(_texts(rows["period"]), quantiles, f"{units[family]} per period")
        found.append(Picture(f"exports_{place}", f"Exports over {name}", note, f"Nine of ten runs: {last}.", drawing))
    return found


def _one_period(table: pd.DataFrame, family: str, units: Mapping[str, str]) -> Picture:
    rows = table[table["family"] == family].sort_values("p50", ascending=False, kind="stable").head(MOST_BARS)
    names, median = _texts(rows["corridor"]), _numbers(rows["p50"])
    series = (Series("median", median, _numbers(rows["p05"]), _numbers(rows["p95"])),)
    # of very many runs only the sums over the horizon are kept
    per = "over the horizon" if rows["period"].iloc[0] == "total" else "per period"
    drawing = Bars(names, series, f"{units[family]} {per}")
    note = "Bars are medians, lines hold nine runs of ten."
    return Picture(f"exports_{family}", f"Exports of {family}", note, f"Medians: {_list(names, median)}.", drawing)


def padded(values: FloatArray) -> tuple[float, float]:
    """The ends of an axis on which all values have some room."""
    low, high = float(values.min()), float(values.max())
    room = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    return low - room, high + room
