"""report.html in a real browser: what it shows, what it asks for, and how it is handled."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from model.api import read_case, solve_scenarios
from model.report.content import gather
from model.report.excel import write_results
from model.report.page.data import Section, page_data, paths
from model.report.page.place import map_of, northing
from model.report.page.pool import Pool, significant
from model.report.page.report import write_report
from model.report.page.write import ASSETS
from model.results.registry import TABLES, all_tables
from tests.browser import NAMES, Page
from tests.cases import rich_tables
from tests.export_case import Tables, export_tables
from tests.programs import program
from tests.test_report import CALL, MARKUP, hostile_countries

ROOT = Path(__file__).resolve().parent.parent
PLACES = {"well": (47.0, 53.0), "refinery": (48.0, 60.0), "harbour": (44.6, 37.8), "abroad": (40.0, 20.0)}
EVIL = '<script>window.caught = 1</script><b>=HYPERLINK("http://bad.example")'


def located() -> Tables:
    """The export case with its places on the map, one of them with a label of other letters."""
    tables = export_tables()
    for row in tables["Nodes"]:
        row["latitude"], row["longitude"] = PLACES[row["node"]]
    tables["Nodes"][0]["label"] = "Türkmenbaşy Гурьев"
    return tables


def content_of(tables: Tables, scenarios: tuple[str, ...] = ("base",)) -> tuple[Any, ...]:
    """Case, solutions and content of a report."""
    case = read_case(tables)
    solutions = [run.solution for run in solve_scenarios(case, scenarios)]  # type: ignore[union-attr]
    return case, solutions, gather(case, solutions, {}, TABLES, all_tables(solutions))


@pytest.fixture(scope="module")
def content() -> tuple[Any, ...]:
    """The report of two scenarios."""
    return content_of(located(), ("base", "dear_ship"))


@pytest.fixture(scope="module")
def file(content: tuple[Any, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a page."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_report(path, *content)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    """A browser with a wide window."""
    with Page(program(*NAMES)) as page:
        yield page


@pytest.fixture
def page(browser: Page, file: Path) -> Iterator[Page]:
    """The page of the two scenarios, fresh; nothing may go wrong on it, and nothing be asked for."""
    browser.faults.clear()
    browser.resize(1400, 1000)
    browser.open(file)
    browser.draw()
    yield browser
    assert browser.faults == []
    assert browser.asked == []


def opened(browser: Page, path: Path, tables: Tables, scenarios: tuple[str, ...] = ("base",)) -> None:
    """Open the page of a case and draw all of it."""
    browser.faults.clear()
    write_report(path, *content_of(tables, scenarios))
    browser.open(path)
    browser.draw()


def seen(browser: Page, element: str) -> str:
    """The text of an element."""
    return str(browser.value(f"document.getElementById({json.dumps(element)}).textContent"))


def lines_of(browser: Page) -> dict[str, float]:
    """Corridors on the map, with the width of each."""
    found = browser.value("$('map').data.filter(one => one.meta === 'corridor').map(one => [one.name, one.line.width])")
    return {name: float(width) for name, width in found}


# ---- what it shows


def test_the_map_shows_every_corridor_that_is_used_and_no_other(page: Page, content: tuple[Any, ...]) -> None:
    flows = content[2].frames["Flows"]
    for scenario in ("base", "dear_ship"):
        page.choose("scenario", scenario)
        for family in ("oil", "gas"):
            page.choose("family", family)
            rows = flows[(flows["scenario"] == scenario) & (flows["family"] == family) & (flows["period"] == "2026")]
            assert set(lines_of(page)) == set(rows.loc[rows["flow"] > 0, "link"]), (scenario, family)


def test_the_width_of_a_line_is_its_flow_and_its_colour_how_full_it_is(page: Page) -> None:
    """The pipe carries 10 Mt and is full, rail 7 without a limit, the ship 6 of 6."""
    width = lines_of(page)
    assert width["rail"] / width["pipe"] == pytest.approx(0.7)
    assert width["ship"] / width["pipe"] == pytest.approx(0.6)
    tone = dict(
        page.value("$('map').data.filter(one => one.meta === 'corridor').map(one => [one.name, one.line.color])")
    )
    assert tone["pipe"] == tone["ship"] == page.value("colour('full')")
    assert tone["rail"] == page.value("colour('open')")


def test_pointing_at_a_corridor_tells_flow_capacity_tariff_and_rent(page: Page) -> None:
    page.value("$('map').scrollIntoView({ block: 'center', behavior: 'instant' })")
    x, y = page.value(
        """(() => { const box = $('map'), trace = box.data.find(one => one.meta === 'hover'), full = box._fullLayout;
        const i = trace.customdata.indexOf('pipe') + 5, { left, top } = box.getBoundingClientRect();
        return [left + full._size.l + full.xaxis.l2p(trace.x[i]), top + full._size.t + full.yaxis.l2p(trace.y[i])];
        })()"""
    )
    page.point(x - 40, y - 40)
    page.point(x, y)
    page.wait("document.querySelector('#map .hoverlayer .hovertext')")
    text = page.value("document.querySelector('#map .hoverlayer').textContent")
    for part in (
        "pipe",
        "Flow 10.0 Mt",
        "100 %",
        "10.0 of 10.0 Mt",
        "Tariff 20.0 USD/t",
        "Rent of pipe: 700.0 million",
    ):
        assert part in text


def test_places_show_their_label_and_what_one_more_unit_is_worth(page: Page) -> None:
    texts = page.value("$('map').data.find(one => one.meta === 'places').text")
    (well,) = [text for text in texts if "Türkmenbaşy Гурьев" in text]
    # the value of one more tonne at the well: 400 − 90 over the railway
    assert "crude: 310.0 USD/t" in well
    beside = page.value("$('map').layout.annotations.map(one => one.text)")
    assert any("Гурьев" in text and "310.0" in text for text in beside)


def test_numbers_on_the_page_are_those_of_the_workbook(page: Page, content: tuple[Any, ...], tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"
    write_results(path, content[2])
    book = openpyxl.load_workbook(path)
    tables = page.value("Object.fromEntries(Object.keys(D.tables).map(name => [name, items(name, 'base')]))")
    periods = page.value("D.periods")
    compared = 0
    for spec in (one for one in TABLES if one.name in tables):
        sheet = book[spec.name]
        (area,) = sheet.tables.values()
        header, *rows = [[cell.value for cell in row] for row in sheet[area.ref]]
        frame = pd.DataFrame(rows, columns=header).fillna({"value": np.nan})
        frame = frame[frame["scenario"] == "base"] if "scenario" in header else frame
        for item in tables[spec.name]:
            texts = {k: v for k, v in item.items() if isinstance(v, str) and k in header}
            mine = frame[np.logical_and.reduce([frame[k].fillna("") == v for k, v in texts.items()])].set_index(
                "period"
            )
            for name, series in ((k, v) for k, v in item.items() if isinstance(v, list)):
                for period, value in zip(periods, series, strict=True):
                    cell = mine[name].get(period)
                    if value is None:
                        assert cell is None or cell != cell, (spec.name, texts, name)  # noqa: PLR0124
                    else:
                        assert cell == pytest.approx(value, rel=1e-5, abs=1e-9), (spec.name, texts, name)
                        compared += 1
    assert compared > 200


def test_the_headline_figures_follow_scenario_period_family_and_units(page: Page, content: tuple[Any, ...]) -> None:
    """17 Mt a year leave by pipe and rail; 7.5 bbl/t: 17 · 7.5 / 0.36525 = 349.1 kb/d."""
    assert "21,141" in seen(page, "tiles")
    assert "Exports of oil, 202617.0 Mt" in seen(page, "tiles")
    page.choose("units", "trade")
    assert "349.1 kb/d" in seen(page, "tiles")
    page.choose("family", "gas")
    assert re.search(r"Exports of gas, 202621\.9 mcm/d", seen(page, "tiles")), "8 bcm / 0.36525"
    page.choose("scenario", "dear_ship")
    assert "20,241" in seen(page, "tiles")
    assert "−900.0 against base" in seen(page, "tiles")
    page.choose("period", "2")
    assert "Exports of gas, 2028" in seen(page, "tiles")


def test_two_scenarios_are_compared_on_the_map(page: Page) -> None:
    """What is dearer is used less, or not at all: the map draws the change."""
    page.choose("scenario", "dear_ship")
    page.choose("versus", "base")
    drawn = lines_of(page)
    flow = page.value("(name => [S.scenario, S.versus].map(one => linkRows(one).get(name)?.volume[0] || 0))('ship')")
    assert ("ship" in drawn) == (abs(flow[0] - flow[1]) > 1e-6)
    assert "change of its flow against base" in seen(page, "map-note")


def test_the_flow_diagram_adds_up_to_the_exports(content: tuple[Any, ...]) -> None:
    _, solutions, report = content
    found = paths(solutions, report.frames["Routes"])
    exports = report.frames["Exports"]
    for by, column in (("market", "market"), ("exporter", "exporter")):
        rows = exports[(exports["by"] == by) & (exports["volume"] > 0)]
        keys = ["scenario", "family", "name", "period"]
        wanted = rows.set_index(keys)[["volume", "trade_volume"]].sort_index()
        mine = found.rename(columns={column: "name"}).groupby(keys)[["delivered", "trade_delivered"]].sum().sort_index()
        assert list(mine.index) == list(wanted.index)
        np.testing.assert_allclose(mine.to_numpy(), wanted.to_numpy(), rtol=1e-9)
    assert set(found["corridor"]) == {"pipe", "rail", "gas_trunk"}


def test_the_flow_diagram_draws_these_paths(page: Page) -> None:
    (trace,) = page.value("$('paths').data.map(one => ({ label: one.node.label, value: one.link.value }))")
    assert {"Inland 17.0", "pipe 10.0", "rail 7.00", "Coastland 11.0", "Farland 6.00"} == set(trace["label"])
    assert sum(trace["value"]) == pytest.approx(34), "from exporter to corridor, and from there to the market"


def test_a_netback_is_drawn_step_by_step(page: Page, content: tuple[Any, ...]) -> None:
    """By pipe and ship to Farland: 500 − 30 − 20 = 450."""
    options = page.value("[...$('route').options].map(one => [one.value, one.textContent])")
    (route,) = [value for value, text in options if "pipe › ship" in text]
    page.choose("route", route)
    (steps,) = page.value("$('ladder').data.map(one => one.y.map((name, i) => [name, one.x[i]]))")
    amounts = dict(steps)
    assert amounts["Market price"] == pytest.approx(500)
    assert amounts["Freight"] == pytest.approx(-30)
    assert amounts["Transit tariffs"] == pytest.approx(-20)
    assert amounts["Netback"] == pytest.approx(450)
    assert amounts["Value at the field"] == pytest.approx(450 + amounts["Scarcity rents"])


def test_rents_and_scenarios_are_drawn(page: Page) -> None:
    """The pipe earns 10 Mt · 70, the ship 6 Mt · (500 − 30 − 400)."""
    (rents,) = page.value("$('rents').data.map(one => one.x)")
    assert sorted(rents) == pytest.approx([420, 700])
    (worth,) = page.value("$('worth').data.map(one => one.x)")
    assert worth == pytest.approx([-900], abs=0.5)
    assert "The ship costs 50 more" in seen(page, "scenario-table")


def test_the_bridge_leads_from_one_value_to_the_other(page: Page) -> None:
    """The ship's 6 Mt a year cost 50 more, for three years and undiscounted: tariffs take the whole 900."""
    assert "From base to dear_ship" in seen(page, "h-bridge")
    (steps,) = page.value("$('bridge').data.map(one => one.x)")
    assert steps == pytest.approx([21141, -900, 20241], abs=1)
    assert "tariffs, oil −900.0" in page.value("$('bridge').getAttribute('aria-label')")
    page.choose("scenario", "dear_ship")
    assert "From base to dear_ship" in seen(page, "h-bridge")
    page.choose("versus", "dear_ship")
    page.choose("scenario", "base")
    (steps,) = page.value("$('bridge').data.map(one => one.x)")
    assert steps == pytest.approx([20241, 900, 21141], abs=1)


def test_the_parts_of_the_money_add_up_to_each_value(page: Page) -> None:
    for name in ("base", "dear_ship"):
        parts = page.value(f"D.money['{name}'].map(([, amount]) => amount)")
        assert sum(parts) == pytest.approx(page.value(f"scenarioOf('{name}').value"), rel=1e-9)


def test_rents_over_time_are_those_of_the_capacities(page: Page) -> None:
    """The pipe earns 700 in each year, the ship 420."""
    found = page.value("Object.fromEntries($('rents-over-time').data.map(one => [one.name, one.y]))")
    assert found == {"pipe": pytest.approx([700] * 3), "ship": pytest.approx([420] * 3)}


def test_a_period_in_which_no_export_differs_points_to_one_that_does(browser: Page, tmp_path: Path) -> None:
    """The pipe is cut in 2027 only; the page begins in 2026, where nothing differs."""
    tables = located()
    tables["Scenarios"].append({"scenario": "cut", "run": "yes"})
    tables["Changes"].append(
        {"scenario": "cut", "sheet": "Links", "key": "pipe", "column": "capacity", "period": "2027", "change": "set",
         "value": 1}
    )  # fmt: skip
    opened(browser, tmp_path / "report.html", tables, ("base", "cut"))
    assert "differ most in 2027" in seen(browser, "scenarios-note")
    browser.value("$('most-different').click()")
    browser.draw()
    assert seen(browser, "period-label") == "2027"
    assert browser.value("$('most-different')") is None


# ---- tables, keyboard, sizes


def test_tables_are_filtered_and_sorted(page: Page) -> None:
    page.choose("table", "Flows")
    rows = "[...document.querySelectorAll('#rows tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"
    assert {row[0] for row in page.value(rows)} == {"home", "pipe", "rail", "ship"}
    page.choose("filter", "RAIL")
    assert {row[0] for row in page.value(rows)} == {"rail"}
    page.choose("filter", "")
    page.value("document.querySelector('[data-column=flow]').click()")
    assert [row[0] for row in page.value(rows)] == ["pipe", "rail", "ship", "home"]
    assert page.value("document.querySelector('th[aria-sort]').textContent").startswith("flow")
    page.value("document.querySelector('[data-column=flow]').click()")
    assert [row[0] for row in page.value(rows)] == ["home", "ship", "rail", "pipe"]
    page.value("$('every').click()")
    assert len(page.value(rows)) == 12, "four links in three periods"
    page.choose("filter", "no such text")
    assert "No row fits" in seen(page, "rows")


def test_the_keyboard_reaches_every_control_and_moves_the_period(page: Page) -> None:
    page.value("document.activeElement.blur()")
    reached = []
    for _ in range(60):
        page.press("Tab")
        reached.append(page.value("document.activeElement.id || document.activeElement.name || ''"))
    for control in (
        "theme",
        "scenario",
        "versus",
        "family",
        "units",
        "period",
        "view",
        "by",
        "route",
        "table",
        "filter",
        "save",
    ):
        assert control in reached, control
    page.value("$('period').focus()")
    page.press("ArrowRight")
    assert seen(page, "period-label") == "2027"
    assert page.value("$('period').getAttribute('aria-valuetext')") == "2027"


def test_what_is_shown_is_said_to_those_who_do_not_see_it(page: Page) -> None:
    unnamed = page.value(
        "[...document.querySelectorAll('select, input, button')].filter(one => !(one.labels && one.labels.length) && "
        "!one.textContent.trim() && !one.getAttribute('aria-label')).map(one => one.outerHTML)"
    )
    assert unnamed == []
    silent = page.value(
        "[...document.querySelectorAll('.figure')].filter(one => one.data && !one.ariaLabel).map(one => one.id)"
    )
    assert silent == []
    assert "pipe 10.0" in page.value("$('map').getAttribute('aria-label')")
    levels = page.value("[...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(theme: str) -> None:
    """A contrast of 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    text = (ASSETS / "page.css").read_text(encoding="utf-8")
    block = text.split(':root[data-theme="dark"] {')[1] if theme == "dark" else text
    tones = dict(re.findall(r"--([a-z0-9]+): (#[0-9a-f]{6})", block.split("}")[0]))

    def light(tone: str) -> float:
        parts = [int(tones[tone][i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    pairs = "ink paper, soft paper, soft panel, ink panel, ink land, warn paper, paper accent"
    for front, ground in (pair.split() for pair in pairs.split(", ")):
        high, low = sorted((light(front), light(ground)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (front, ground)


@pytest.mark.parametrize("width", [390, 768, 1400])
def test_no_width_makes_the_page_scroll_sideways(page: Page, width: int) -> None:
    page.resize(width, 850)
    page.value("changed()")
    page.draw()
    assert page.value("document.documentElement.scrollWidth") <= width
    sizes = "[...document.querySelectorAll('.js-plotly-plot')].map(one => [one.clientWidth, one.layout.width])"
    assert all(place == drawn for place, drawn in page.value(sizes))


def test_a_narrowed_window_is_drawn_again_and_fits_at_every_moment(page: Page) -> None:
    page.resize(1400, 850)
    page.value("$('map').scrollIntoView()")
    page.wait("$('map').layout.width > 1000")
    page.resize(390, 850)
    assert page.value("document.documentElement.scrollWidth") <= 390, "before anything is drawn"
    page.wait("$('map').layout.width < 390")


def test_a_finger_that_passes_over_a_picture_moves_the_page(page: Page, file: Path) -> None:
    page.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=1)
    page.resize(390, 844)
    page.open(file)
    page.draw()
    assert "Drag" not in seen(page, "map-note")
    for picture in ("map", "paths", "exports", "ranking", "ladder", "rents", "heat", "worth", "bridge"):
        page.value(f"$('{picture}').scrollIntoView({{ block: 'center', behavior: 'instant' }})")
        start = page.value("scrollY")
        for kind, y in (
            ("touchStart", 420),
            ("touchMove", 380),
            ("touchMove", 320),
            ("touchMove", 260),
            ("touchEnd", 0),
        ):
            page.call("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": 200, "y": y}] if y else [])
        page.wait(f"scrollY > {start} + 50")
    page.call("Emulation.setTouchEmulationEnabled", enabled=False)
    # the flow diagram's own listener would have kept the finger for itself; the browser notes that it may not
    page.faults[:] = [fault for fault in page.faults if "preventDefault inside passive" not in fault]


def test_light_and_dark(page: Page) -> None:
    light = page.value("getComputedStyle(document.body).backgroundColor")
    page.value("$('theme').click()")
    page.draw()
    assert page.value("document.documentElement.dataset.theme") == "dark"
    assert page.value("getComputedStyle(document.body).backgroundColor") != light
    assert page.value("$('exports').layout.font.color") == page.value("colour('ink')")


def test_on_paper_controls_are_gone_and_every_picture_is_there(page: Page, file: Path) -> None:
    page.open(file)
    page.call("Emulation.setEmulatedMedia", media="print")
    page.value("dispatchEvent(new Event('beforeprint'))")
    assert page.value("getComputedStyle(document.querySelector('.controls')).display") == "none"
    assert page.value(
        "['map', 'paths', 'exports', 'ranking', 'ladder', 'rents', 'heat', 'worth', 'beside'].every(id => $(id).data)"
    )
    # A4 is 210 mm wide, 793.7 dots of a ninety-sixth of an inch; 1 cm on each side is 718 between the margins
    widths = page.value("[...document.querySelectorAll('.js-plotly-plot')].map(one => one.layout.width)")
    assert max(widths) <= 718
    assert min(widths) >= 650, "one below the other, not two beside each other"
    assert len(page.call("Page.printToPDF")["data"]) > 20_000
    page.draw()
    assert page.value("$('map').layout.width") > 1000, "printing has ended"
    page.call("Emulation.setEmulatedMedia", media="")


def test_what_is_chosen_stays_in_the_address(page: Page, file: Path) -> None:
    page.choose("scenario", "dear_ship")
    page.choose("family", "gas")
    address = page.value("location.hash.slice(1)")
    page.open(file, address)
    assert page.value("[S.scenario, S.family]") == ["dear_ship", "gas"]
    page.open(file, "scenario=gone&family=coal&period=99&units=%")
    assert page.value("[S.scenario, S.family, S.period]") == ["base", "oil", 2]


# ---- what goes wrong


def test_the_page_may_ask_nobody_for_anything(page: Page) -> None:
    """Even a programme on the page could not: the browser refuses."""
    refused = page.value("fetch('http://127.0.0.1:9/').then(() => 'answered', () => 'refused')")
    assert refused == "refused"
    assert any("Content Security Policy" in fault for fault in page.faults)
    page.faults.clear()


def test_text_of_the_user_is_never_markup(browser: Page, tmp_path: Path) -> None:
    tables = located()
    tables["Settings"][0]["value"] = EVIL
    tables["Nodes"][0]["label"] = EVIL
    # the library that draws knows some tags, a link among them
    tables["Nodes"][3]["label"] = "<b>x</b><i>&lt;"
    tables["Nodes"][0]["country"] = tables["Commodities"][0]["origin"] = tables["Commodities"][1]["origin"] = "-Inland"
    tables["Scenarios"][0]["description"] = EVIL
    opened(browser, tmp_path / "report.html", tables, ("base", "dear_ship"))
    browser.choose("table", "Production")
    assert browser.value("window.caught") is None
    assert EVIL in seen(browser, "scenario-table")
    assert browser.value("document.querySelector('h1').textContent") == EVIL
    assert browser.value("document.title") == EVIL
    drawn = browser.value("[...document.querySelectorAll('#map text')].map(one => one.textContent).join()")
    assert "<script>window.caught" in drawn
    assert "<b>x</b><i>&lt;" in drawn
    assert browser.faults == []
    assert EVIL not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_markup_and_formulas_are_text_in_every_picture_and_in_what_is_saved(browser: Page, tmp_path: Path) -> None:
    opened(browser, tmp_path / "report.html", hostile_countries(located()), ("base", "dear_ship"))
    browser.choose("by", "market")
    for name in ("map", "paths", "exports"):
        assert browser.value(f"$('{name}').querySelectorAll('script, b, a').length") == 0, name
        drawn = browser.value(f"[...$('{name}').querySelectorAll('text')].map(one => one.textContent).join(' ')")
        assert MARKUP in drawn or name == "map"
    assert "Largest market" in seen(browser, "tiles")
    assert "+HYPERLINK(" in browser.value("$('paths').textContent")
    browser.choose("table", "Exports")
    assert MARKUP in seen(browser, "rows")
    browser.value("URL.createObjectURL = blob => { window.saved = blob.text(); return '#'; }")
    browser.value("HTMLAnchorElement.prototype.click = () => {}, $('save').click()")
    saved = browser.value("window.saved")
    assert f"'{CALL}" in saved
    assert MARKUP in saved
    assert browser.faults == []


def test_nodes_without_coordinates_are_listed(browser: Page, tmp_path: Path) -> None:
    tables = located()
    del tables["Nodes"][3]["latitude"]
    opened(browser, tmp_path / "report.html", tables)
    assert "Not on the map, for want of coordinates in the sheet Nodes: abroad" in seen(browser, "map-missing")
    assert set(lines_of(browser)) == {"home", "pipe", "rail"}
    opened(browser, tmp_path / "report.html", export_tables())
    assert "No node has coordinates" in seen(browser, "map")
    assert browser.faults == []


def one_period(tables: Tables) -> None:
    tables["Periods"] = tables["Periods"][:1]


def no_exports(tables: Tables) -> None:
    for row in tables["Commodities"]:
        del row["origin"]


def at_least_cost(tables: Tables) -> None:
    tables["Settings"].append({"setting": "objective", "value": "cost"})


def no_trade_unit(tables: Tables) -> None:
    del tables["Commodities"][0]["bbl_per_t"]


@pytest.mark.parametrize("change", [one_period, no_exports, at_least_cost, no_trade_unit])
def test_unusual_cases_have_a_page_all_the_same(browser: Page, tmp_path: Path, change: Any) -> None:
    tables = located()
    change(tables)
    opened(browser, tmp_path / "report.html", tables)
    for family in browser.value("D.families.map(one => one.name)"):
        browser.choose("family", family)
    for table in browser.value("Object.keys(D.tables)"):
        browser.choose("table", table)
    assert browser.faults == []
    assert seen(browser, "fault") == ""


def test_a_scenario_without_a_result_is_named_with_its_reason(browser: Page, tmp_path: Path) -> None:
    case, solutions, _ = content_of(located())
    failed = {"cut_off": ("infeasible", "home cannot be met")}
    report = gather(case, solutions, failed, TABLES, all_tables(solutions))
    write_report(tmp_path / "report.html", case, solutions, report)
    browser.open(tmp_path / "report.html")
    browser.draw()
    assert "No result: infeasible. home cannot be met" in seen(browser, "scenario-table")
    assert browser.value("[...$('scenario').options].map(one => one.value)") == ["base"]


def test_a_section_of_its_own_is_drawn(browser: Page, tmp_path: Path, content: tuple[Any, ...]) -> None:
    figure = {"data": [{"type": "bar", "x": ["a"], "y": [3], "marker": {"color": "--c2"}}], "layout": {"height": 200}}
    write_report(
        tmp_path / "report.html", *content, sections=[Section("Steps & <more>", "How.", (("One bar of 3.", figure),))]
    )
    browser.open(tmp_path / "report.html")
    browser.draw()
    assert "Steps & <more>" in seen(browser, "more")
    assert browser.value("$('more-0-0').data[0].marker.color") == browser.value("colour('c2')")


# ---- what it is made of


def test_the_page_of_other_places_has_a_frame_of_its_own() -> None:
    """Half of the places lie beyond the outlines: none are drawn."""
    tables = located()
    for row, (latitude, longitude) in zip(tables["Nodes"], [(60, -120), (55, -110), (50, -100), (45, 20)], strict=True):
        row["latitude"], row["longitude"] = latitude, longitude
    found = map_of(read_case(tables))
    assert found["outlines"] == []
    assert not any(one["edge"] for one in found["places"])
    assert found["frame"][0] < -120 < 20 < found["frame"][2]


def test_the_close_up_is_of_the_fields() -> None:
    """The whole reaches from 20 to 60 degrees east; the one field, at 53, has 2 · 0.15 + 2 / 4 on each side."""
    tables = located()
    assert [row["node"] for row in tables["Nodes"] if row["kind"] == "field"] == ["well"]
    found = map_of(read_case(tables))
    west, _, east, _ = found["close"]
    assert (west, east) == (pytest.approx(53 - 0.8), pytest.approx(53 + 0.8))
    assert found["frame"][0] < 20
    assert found["frame"][2] > 60


def test_a_place_beyond_the_outlines_is_on_the_edge() -> None:
    tables = located()
    tables["Nodes"][3].update(latitude=1.2, longitude=103.8)
    found = map_of(read_case(tables))
    (far,) = [one for one in found["places"] if one["edge"]]
    assert far["name"] == "abroad"
    x0, y0, x1, y1 = found["frame"]
    assert x0 <= far["x"] <= x1
    assert y0 <= far["y"] <= y1


def test_mercator() -> None:
    """ln tan(45° + 22.5°) = ln(1 + √2) = 0.881374, in degrees 50.4990 (Snyder 1987, equation 7-2)."""
    assert northing(45) == pytest.approx(50.49899, abs=1e-5)
    assert northing(0) == pytest.approx(0)
    assert northing(-45) == pytest.approx(-northing(45))


def test_only_countries_with_room_bear_their_name_on_the_map() -> None:
    found = map_of(read_case(ROOT / "inputs" / "caspian.xlsx"))
    names = {one["name"] for one in found["names"]}
    assert {"Kazakhstan", "Armenia", "Russia"} <= names
    assert not names & {"Siachen Glacier", "Malta", "Luxembourg"}


def test_outlines_come_with_their_source_changes_and_disclaimer() -> None:
    about = map_of(read_case(located()))["about"]
    assert "Natural Earth" in about[0]
    assert "Crimea" in about[1]
    assert "Backdrop only" in about[2]


def test_numbers_are_rounded_to_significant_digits() -> None:
    found = significant(np.array([123456.789, 0.000123456789, -1.0, 0.0, np.inf, np.nan, 1e-320]))
    assert found[:4].tolist() == [123457.0, 0.000123457, -1.0, 0.0]
    assert np.isnan(found[4:6]).all()
    pool = Pool(2)
    assert pool.add(np.array([[0.0, 0.0], [1.5, np.nan], [-0.0, 0.0], [1.5, np.nan]])) == [0, 1, 0, 1]
    assert pool.series == [[0, 0], [1.5, None]]


def test_the_data_of_the_page_holds_what_moves_only(content: tuple[Any, ...]) -> None:
    data = page_data(*content)
    links = [data["texts"][code] for code in data["tables"]["Flows"]["texts"]["link"]]
    assert "gas_south" not in links, "it is never used"
    assert len(links) == len(set(links)) * 2, "in two scenarios"


def test_equal_results_are_equal_pages(content: tuple[Any, ...], tmp_path: Path, file: Path) -> None:
    write_report(tmp_path / "again.html", *content)
    assert (tmp_path / "again.html").read_bytes() == file.read_bytes()


def test_every_kind_of_row_has_a_page(browser: Page, tmp_path: Path) -> None:
    """Elastic demand, fleets, fees in kind, stores, contracts, limits, projects, half years, several grades."""
    opened(browser, tmp_path / "report.html", rich_tables())
    for family in browser.value("D.families.map(one => one.name)"):
        browser.choose("family", family)
        browser.choose("units", "trade")
    assert browser.faults == []
    assert seen(browser, "fault") == ""
