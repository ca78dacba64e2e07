"""Selectors, addresses, scenarios and changes from scripts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.address import Address, find, parse_address
from model.case import Case
from model.errors import UsageError, WorkbookError
from model.scenario import changes_of, runnable, scenario_names, with_changes, with_scenario
from model.selector import FIELDS, parse_selector
from model.workbook.checks import validate
from model.workbook.raw import raw_from_tables
from model.workbook.sheets import SHEETS
from tests.tiny import tiny


@pytest.fixture
def case() -> Case:
    return validate(raw_from_tables(tiny()))


def test_a_selector_needs_every_term_and_any_of_several_values() -> None:
    selector = parse_selector(" link = btc* ; Asset=port ;", "flow")
    assert selector.terms == (("link", "btc*"), ("asset", "port"))
    assert selector.matches({"link": "btc_2", "asset": ("pipe", "port")})
    assert not selector.matches({"link": "btc_2", "asset": ("pipe",)})
    assert not selector.matches({"link": "scp", "asset": ("port",)})
    assert parse_selector("asset=*", "flow").matches({"asset": ()})


@pytest.mark.parametrize(
    ("text", "measure", "message"),
    [
        ("link", "flow", "the term 'link' is not written field=pattern"),
        ("orgin=A", "flow", "nearest: origin"),
        ("demand=a", "supply", "it belongs to delivery"),
        ("link=", "flow", "is not written field=pattern"),
        (" ; ", "delivery", "it selects nothing; write demand=\\* for all"),
    ],
)
def test_a_selector_that_cannot_be_read(text: str, measure: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_selector(text, measure)


def test_each_measure_has_its_fields() -> None:
    assert FIELDS["flow"] == ("link", "from", "to", "mode", "asset", "country", "commodity", "family", "origin")
    assert FIELDS["built"] == ("project", "fund")


def test_names_and_what_a_plain_run_solves(case: Case) -> None:
    assert scenario_names(case) == ["base", "low", "lower"]
    assert runnable(case) == ["base", "low"]
    tables = tiny()
    tables["Scenarios"].append({"scenario": "base", "run": "no"})
    listed = validate(raw_from_tables(tables))
    assert scenario_names(listed) == ["low", "lower", "base"]
    assert runnable(listed) == ["low"]
    tables["Scenarios"][-1]["run"] = "yes"
    assert runnable(validate(raw_from_tables(tables))) == ["base", "low"]
    del tables["Scenarios"], tables["Changes"]
    assert runnable(validate(raw_from_tables(tables))) == ["base"]


def test_a_scenario_makes_its_parents_changes_first(case: Case) -> None:
    lower = with_scenario(case, "lower")
    assert lower.scenario == "lower"
    assert lower.number("Markers", "value")[0].tolist() == [70, 65]
    assert lower.number("Links", "capacity")[0].tolist() == [18, 9]
    assert lower.number("Links", "capacity")[3].tolist() == [9, 4.5]
    assert case.number("Links", "capacity")[0].tolist() == [18, 18]
    assert case.number("Markers", "value")[0].tolist() == [80, 75]
    assert with_scenario(case, "base") is case


def test_an_unknown_scenario_names_the_nearest(case: Case) -> None:
    with pytest.raises(UsageError, match="There is no scenario 'lowr'"):
        with_scenario(case, "lowr")
    with pytest.raises(UsageError, match="already the scenario 'low'"):
        with_scenario(with_scenario(case, "low"), "lower")


def test_the_records_of_a_scenario(case: Case) -> None:
    records = changes_of(case, "lower")
    assert [(one["key"], one["period"], one["old"], one["new"], one["cell"]) for one in records] == [
        ("Brent", "2026", 80, 70, "Changes!F2"),
        ("Brent", "2027", 75, 65, "Changes!F2"),
        ("pipe", "2027", 18, 9, "Changes!F3"),
        ("gas_pipe", "2027", 9, 4.5, "Changes!F3"),
    ]
    assert {one["scenario"] for one in records} == {"lower"}
    assert changes_of(case, "base") == []


def change(**cells: Any) -> Case:
    tables = tiny()
    tables["Changes"] = [{"scenario": "low", **cells}]
    return with_scenario(validate(raw_from_tables(tables)), "low")


def test_kinds_of_change() -> None:
    place = {"sheet": "Links", "key": "pipe", "column": "tariff"}
    assert change(**place, change="set", value=7).number("Links", "tariff")[0].tolist() == [7, 7]
    assert change(**place, change="add", value=-5).number("Links", "tariff")[0].tolist() == [15, 15]
    assert change(**place, change="multiply", value=2, period="2026").number("Links", "tariff")[0].tolist() == [40, 20]
    shut = change(sheet="links", key="sea", column="Closes", change="set", value=2026)
    assert shut.word("Links", "closes") == (None, None, "2026", None)
    free = change(sheet="Links", key="pipe", column="capacity", change="set", value="unlimited")
    assert free.number("Links", "capacity")[0].tolist() == [np.inf, np.inf]
    all_links = change(sheet="Links", key="*", column="capacity", change="multiply", value=0.5)
    assert all_links.number("Links", "capacity")[:, 0].tolist() == [9, np.inf, np.inf, 4.5]
    rate = change(sheet="Settings", key="discount_rate", column="value", change="add", value=0.02)
    assert rate.settings.discount_rate == pytest.approx(0.1)
    assert rate.word("Settings", "value") == ("Tiny", pytest.approx(0.1))
    steps = change(sheet="Settings", key="demand_steps", column="value", change="multiply", value=2)
    assert steps.settings.demand_steps == 40
    assert isinstance(steps.settings.demand_steps, int)


def test_an_address_reads_and_writes() -> None:
    for text in ("Links:btc:tariff", "Links:btc:tariff@2026", "Uses:a/b/c:load_factor@2026..2030"):
        assert str(parse_address(text)) == text
    assert parse_address("links: btc :Tariff @ 2026") == Address("Links", "btc", "tariff", "2026", "2026")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"Links:pipe": 1}, "'Links:pipe' is no address. An address is written sheet:key:column"),
        ({"Lnks:pipe:tariff": 1}, "there is no sheet 'Lnks' whose values can be changed. Nearest: Links."),
        ({"Periods:2026:years": 1}, "there is no sheet 'Periods' whose values can be changed"),
        ({"Links:pipe:tarif": 1}, "Links has no column 'tarif' that can be changed. Nearest: tariff."),
        ({"Links:ppe:tariff": 1}, "nothing on the sheet Links is called 'ppe'. Nearest valid name: 'pipe'."),
        ({"Links:x*:tariff": 1}, "nothing on the sheet Links is called 'x*'."),
        ({"Links:pipe:tariff@2029": 1}, "there is no period '2029'; the periods run from 2026 to 2027."),
        ({"Links:pipe:tariff@2027..2026": 1}, "2027 is after 2026"),
        ({"Links:pipe:tariff@": 1}, "is no address"),
        ({"Links:pipe:tariff@2026..": 1}, "is no period and no range"),
        ({"Links:pipe:loss": 1}, "the value needs a number of at least 0 and below 1 in share"),
        ({"Links:pipe:tariff": "x"}, "the value needs a number"),
        ({"Links:pipe:distance_km@2026": 3}, "since distance_km cannot vary by period"),
        ({"Links:pipe:opens": "2030"}, "the value needs a period of the sheet Periods"),
        ({"Demand:far:price": 3}, "Demand:far:price: needs a blank cell, since a marker is given"),
        ({"Settings:discount:value": 3}, "nothing on the sheet Settings is called 'discount'"),
        ({"Settings:discount_rate:value@2026": 0.1}, "settings cannot vary by period"),
    ],
)
def test_a_change_that_cannot_be_made(case: Case, values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_changes(case, values)
    assert message in str(caught.value)


def test_changes_from_a_script(case: Case) -> None:
    values = {"Links:*pipe:tariff@2027": np.float64(3), "Settings:discount_rate:value": 0.1, "Links:sea:closes": "2026"}
    changed = with_changes(case, values)
    assert changed.number("Links", "tariff")[:, 1].tolist() == [3, 10, 15, 3]
    assert changed.settings.discount_rate == 0.1
    assert changed.word("Links", "closes")[2] == "2026"
    assert changed.overrides == (
        ("Links:*pipe:tariff@2027", 3.0),
        ("Settings:discount_rate:value", 0.1),
        ("Links:sea:closes", "2026"),
    )
    assert case.overrides == ()
    assert with_changes(with_scenario(case, "low"), {"Links:pipe:tariff": 1}).scenario == "low"


def test_every_number_has_an_address_and_can_be_set(case: Case) -> None:
    entries = find(case)
    listed = {(entry.address.sheet, entry.address.column) for entry in entries if entry.address.sheet != "Settings"}
    numbers = {
        (name, column.name)
        for name, table in SHEETS.items()
        for column in table.columns
        if column.changeable and len(case[name])
    }
    assert numbers - listed == {
        *(("Periods", name) for name in ("year", "years")),
        *(("Nodes", name) for name in ("latitude", "longitude")),
        *(("Ranges", name) for name in ("low", "high", "likely")),
        ("Observed", "value"),
        ("Scenarios", "probability"),
        ("Observed", "period"),
    }
    for entry in entries:
        if isinstance(entry.value, float) and np.isfinite(entry.value):
            assert with_changes(case, {str(entry.address): entry.value}).overrides


@pytest.mark.parametrize(
    ("address", "shown", "unit", "cell"),
    [
        ("Markers:Brent:value", "80 … 75", "USD/bbl", "Markers!C2"),
        ("Supply:north:capacity", "20", "Mt/year", "Supply!D2"),
        ("Supply:north:reserves", "not given", "Mt", "Supply!2"),
        ("Demand:heat:differential", "0", "USD/1000 m³", "Demand!H4"),
        ("Links:local:capacity", "unlimited", "Mt/year", "Links!F3"),
        ("Links:gas_pipe:tariff", "2", "EUR/1000 m³/100 km", "Links!G5"),
        ("Links:sea:opens", "2026", "", "Links!L4"),
        ("Assets:jetty:capacity", "400", "kb/d", "Assets!B2"),
        ("Assets:berth:capacity", "30", "units of use/year", "Assets!B3"),
        ("Uses:local/berth/light:use", "2", "per unit", "Uses!D4"),
        ("Contracts:pledge:shortfall_price", "12", "USD/t", "Contracts!F2"),
        ("Limits:quota:at_most", "14", "Mt/year", "Limits!D2"),
        ("Limits:share:at_most", "0.6", "share", "Limits!D3"),
        ("Settings:discount_rate:value", "0.08", "share a year", "Settings!B3"),
        ("Settings:choke_multiple:value", "3", "", "Settings"),
    ],
)
def test_an_address_is_listed_with_its_value_unit_and_cell(
    case: Case, address: str, shown: str, unit: str, cell: str
) -> None:
    (entry,) = find(case, address)
    assert (str(entry.address), entry.shown, entry.unit, entry.cell) == (address, shown, unit, cell)


def test_patterns_of_addresses(case: Case) -> None:
    assert {entry.address.sheet for entry in find(case, "Links")} == {"Links"}
    assert {entry.address.key for entry in find(case, "*pipe")} == {"pipe", "gas_pipe"}
    assert [str(entry.address) for entry in find(case, "Links::tariff")][:2] == [
        "Links:pipe:tariff",
        "Links:local:tariff",
    ]
    for pattern, hint in (("Lnks:a:b", "'Links'"), ("Links:pip", "'pipe'"), ("Links:pipe:tarif", "'tariff'")):
        with pytest.raises(UsageError, match=hint):
            find(case, pattern)


def test_a_cell_at_fault_is_reported_once_and_not_by_the_scenario_that_multiplies_it() -> None:
    """A capacity typed as text is one fault; that a change finds no number there is not another."""
    sheets = tiny()
    sheets["Links"][0]["capacity"] = "6 Mt"
    sheets["Scenarios"] = [{"scenario": "half", "run": "yes"}]
    change = {"scenario": "half", "sheet": "Links", "key": sheets["Links"][0]["link"], "column": "capacity"}
    sheets["Changes"] = [{**change, "change": "multiply", "value": 0.5}]
    sheets.pop("Series", None)
    with pytest.raises(WorkbookError) as caught:
        validate(raw_from_tables(sheets))
    assert [issue.sheet for issue in caught.value.issues] == ["Links"]
