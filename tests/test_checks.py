"""Each rule of the workbook: one broken cell, and the message that names it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.case import Case
from model.errors import WorkbookError
from model.workbook.checks import validate
from model.workbook.raw import raw_from_tables
from model.workbook.sheets import SHEETS
from tests.tiny import Tables, tiny

# sheet, row, column, bad value (None = blank), place in the message, what it says
BROKEN: list[tuple[str, int, str, Any, str, str]] = [
    # names
    ("Links", 0, "link", "pi:pe", "Links!A2", "holds 'pi:pe'; needs a name of letters, digits, spaces"),
    ("Links", 0, "link", "a..b", "Links!A2", "Two dots in a row stand for a range of periods."),
    ("Links", 0, "link", "x" * 201, "Links!A2", "It is longer than 200 characters."),
    ("Links", 1, "link", "pipe", "Links!A3", "needs a name that no other row has.\n    Links!A2 has 'pipe' already."),
    ("Uses", 1, "asset", "jetty", "Uses!A3", "Uses!A2 has 'sea/jetty' already."),
    ("Links", 0, "link", None, "Links!A2", "is blank; needs a name that no other row has."),
    ("Periods", 1, "period", "source", "Periods!A3", "a label that is no column of the sheet Series"),
    # references
    ("Links", 0, "to", "prt", "Links!C2  row 'pipe', column 'to'", "holds 'prt'; needs a name from the sheet Nodes.\n"
     "    Nearest valid name: 'port'."),
    ("Links", 0, "to", "Port", "Links!C2", "Nearest valid name: 'port'."),
    ("Demand", 1, "commodity", "blend, lihgt", "Demand!C3", "holds 'lihgt'; needs names from the sheet Commodities"),
    ("Demand", 1, "commodity", "light, light", "Demand!C3", "'light' stands there twice."),
    ("Demand", 1, "marker", "Brnt", "Demand!G3", "Nearest valid name: 'Brent'."),
    ("Uses", 0, "asset", "jety", "Uses!B2", "a name from the sheet Assets or Fleets.\n    Nearest valid name: 'jetty'"),
    ("Contracts", 0, "applies_to", "pip", "Contracts!C2", "needs a name from the sheet Links or Assets or Demand"),
    ("Observed", 0, "period", "2028", "Observed!D2", "The periods run from 2026 to 2027."),
    ("Changes", 1, "period", "2027..2026", "Changes!G3", "a range whose first period is not after its last"),
    ("Changes", 1, "period", "2027..2031", "Changes!G3", "holds '2031'; needs a period"),
    ("Links", 2, "fee_to", "prot", "Links!N4", "Nearest valid name: 'port'."),
    # numbers
    ("Links", 0, "capacity", -1, "Links!F2", "holds '-1'; needs a number of at least 0, or 'unlimited'."),
    ("Links", 0, "tariff", None, "Links!G2", "is blank; needs a number."),
    ("Links", 0, "tariff", "45 USD", "Links!G2", "it looks like the number 45: type that number alone"),
    ("Links", 0, "tariff", "12,5", "Links!G2", "it looks like the number 12.5: type that number."),
    ("Links", 0, "tariff", "1 200", "Links!G2", "it looks like the number 1200"),
    ("Links", 0, "tariff", "1,200", "Links!G2", "it looks like the number 1.2 or 1200"),
    ("Links", 0, "tariff", "1.200,5", "Links!G2", "it looks like the number 1200.5"),
    ("Links", 0, "tariff", "n/a", "Links!G2", "holds 'n/a'; needs a number."),
    ("Links", 0, "tariff", True, "Links!G2", "Yes and no are no numbers."),
    ("Links", 0, "tariff", pd.Timestamp("2026-01-12"), "Links!G2", "The cell is formatted as a date or time"),
    ("Links", 0, "tariff", "unlimited", "Links!G2", "'unlimited' may not stand here."),
    ("Links", 0, "tariff", float("inf"), "Links!G2", "holds 'unlimited'; needs a number."),
    ("Links", 0, "loss", 10, "Links!H2", "at least 0 and below 1 in share.\n    Write one percent as 0.01 or 1%."),
    ("Links", 0, "loss", "1%", "Links!H2", "write 0.01, or format the cell as a percentage."),
    ("Nodes", 0, "latitude", 91, "Nodes!D2", "at least -90 and of at most 90"),
    ("Demand", 2, "elasticity", 0.3, "Demand!J4", "Write it with its minus sign"),
    ("Periods", 0, "year", 2026.5, "Periods!B2", "needs a whole number"),
    ("Periods", 0, "years", pd.Timestamp("2026-12-01"), "Periods!C2", "Write =1/12 for a twelfth."),
    # choices, words
    ("Links", 0, "mode", "pipe", "Links!D2", "one of: pipeline, tanker, ferry, rail, terminal, swap, virtual"),
    ("Scenarios", 0, "run", "maybe", "Scenarios!C2", "needs yes or no."),
    ("Nodes", 0, "country", "A, B", "Nodes!B2", "It may not hold ,, which separate names."),
    ("Links", 0, "country", "A 70, B", "Links!I2", "'B' is not a name followed by a share above 0."),
    ("Links", 0, "country", "A 70, A 30", "Links!I2", "'A' stands there twice."),
    ("Links", 2, "becomes", "light > blend > light", "Links!K4", "is not a pair 'a > b'."),
    ("Links", 2, "becomes", "light, blend", "Links!K4", "For several grades write pairs"),
    # settings
    ("Settings", 1, "setting", "discount", "Settings!A3", "Nearest: discount_rate."),
    ("Settings", 1, "value", 8, "Settings!B3", "a number of at least 0 and below 1 in share a year"),
    ("Settings", 1, "value", "8%", "Settings!B3", "write 0.08, or format the cell as a percentage"),
    # periods
    ("Periods", 1, "year", 2025, "Periods!B3", "a year not before that of the period above (2026)"),
    ("Periods", 1, "year", 2028, "Periods!B3", "The periods of 2026 are 1 years long, so the next year is 2027."),
    ("Periods", 1, "year", 2026, "Periods!C3", "With it the periods of 2026 are 2 years long."),
    # units
    ("Supply", 0, "cost_unit", "USD", "Supply!F2", "needs a unit written <currency>/<unit>"),
    ("Supply", 0, "cost_unit", "USD/bbl/100km", "Supply!F2", "needs a unit written <currency>/<unit>"),
    ("Supply", 0, "cost_unit", "ERU/bbl", "Supply!F2", "holds 'ERU'; needs USD or a currency of the sheet Currencies.\n"
     "    Nearest valid name: 'EUR'."),
    ("Supply", 0, "cost_unit", "USD/MWh", "Supply!F2", "a unit that fits 'light': t, bbl"),
    ("Commodities", 0, "bbl_per_t", None, "Supply!F2", "bbl needs bbl_per_t of 'light' on the sheet Commodities."),
    ("Commodities", 2, "gj_per_1000m3", None, "Demand!G4", "MWh needs gj_per_1000m3 of 'gas'"),
    ("Assets", 0, "volume_unit", "bcm", "Assets!C2", "a unit that fits 'light': Mt, kt, kb/d, mb/d"),
    ("Assets", 0, "volume_unit", "barrels", "Assets!C2", "one of: Mt, kt"),
    ("Links", 0, "volume_unit", "TWh", "Links!K2", "a unit that fits 'light'"),
    ("Contracts", 0, "volume_unit", "PJ", "Contracts!G2", "a unit that fits 'light'"),
    ("Limits", 0, "volume_unit", "PJ", "Limits!E2", "a unit that fits 'light'"),
    ("Observed", 0, "volume_unit", "PJ", "Observed!F2", "a unit that fits 'light'"),
    ("Links", 3, "distance_km", None, "Links!J5", "a distance, since the tariff is per 100 km"),
    ("Links", 0, "commodity", "light, gas", "Links!E2", "commodities of one unit, or a volume_unit, where capacity"),
    ("Demand", 0, "commodity", "light, gas", "Demand!C2", "commodities of one unit, or a volume_unit, where volume"),
    ("Currencies", 0, "currency", "USD", "Currencies!B2", "1, since all money is in US dollars"),
    # links, assets, fleets
    ("Links", 2, "becomes", "gas", "Links!K4", "a grade in Mt, as 'light' is; 'gas' is in bcm"),
    ("Links", 2, "becomes", "gas > blend", "Links!K4", "'gas'; needs pairs that begin with a commodity of this link"),
    ("Links", 2, "becomes", "blnd", "Links!K4", "Nearest valid name: 'blend'."),
    ("Links", 2, "distance_km", None, "Links!J4", "a distance, since the fleet 'ships' sails it"),
    ("Links", 3, "fee_in_kind", None, "Links!P5", "a share, since fee_to says where it appears"),
    ("Links", 3, "loss", 0.99, "Links!H5", "a share that with fee_in_kind (0.02) stays below 1"),
    ("Links", 3, "minimum", 12, "Links!N5", "a number of at most the capacity of the row (9)"),
    ("Supply", 1, "minimum", 12, "Supply!G3", "a number of at most the capacity of the row (10)"),
    ("Uses", 2, "commodity", "gas", "Uses!C4", "a commodity that the link 'local' carries.\n    It carries light."),
    ("Uses", 2, "load_factor", 0.8, "Uses!E4", "a blank cell, since 'berth' is no fleet"),
    ("Uses", 1, "link", "gas_pipe", "Uses!B3", "commodities in Mt, since 'ships' is a fleet; 'gas' is not"),
    ("Fleets", 0, "fleet", "jetty", "Uses!B2", "Assets and Fleets both have a row 'jetty': rename one."),
    ("Assets", 0, "asset", "pipe", "Contracts!C2", "Links and Assets both have a row 'pipe': rename one."),
    # demand
    ("Demand", 0, "firm", 6, "Demand!E2", "a number of at most the volume of the row (5)"),
    ("Demand", 0, "price", None, "Demand!F2", "a price, or a marker to which the price is linked"),
    ("Demand", 1, "price", 400, "Demand!F3", "a blank cell, since a marker is given"),
    ("Demand", 0, "differential", -1, "Demand!G2", "it is added to a marker and the row has none"),
    ("Demand", 2, "volume", "unlimited", "Demand!D4", "a demand with an elasticity needs a point on its line"),
    ("Demand", 2, "differential", -1000, "Demand!H4", "a price above 0, since the demand has an elasticity"),
    # contracts, limits, observations
    ("Contracts", 0, "commodity", "gas", "Contracts!D2", "commodities that 'pipe' carries"),
    ("Limits", 0, "what", "lnk=sea", "Limits!C2", "no field 'lnk' for the measure 'flow'; fields are link, from"),
    ("Limits", 0, "what", "demand=near", "Limits!C2", "(it belongs to delivery)"),
    ("Limits", 0, "what", "sea", "Limits!C2", "The term 'sea' is not written field=pattern, such as link=*."),
    ("Limits", 0, "what", "link=see", "Limits!C2", "no flow has link=see.\n    Nearest valid name: 'sea'."),
    ("Limits", 0, "what", "link=sea;family=gas", "Limits!C2", "together its terms pick none"),
    ("Limits", 0, "what", "link=*pe*", "Limits!2", "a unit, since it counts commodities of different units"),
    ("Limits", 0, "measure", "built", "Limits!C2", "for the measure 'built' (it belongs to flow); fields are project"),
    ("Limits", 0, "at_most", None, "Limits!D2", "a limit, here or in at_least"),
    ("Limits", 1, "at_most", 40, "Limits!D3", "a share of at most 1, since 'of' is filled"),
    ("Observed", 0, "what", "link=see", "Observed!C2", "Nearest valid name: 'sea'."),
    # stores, projects, funds
    ("Storage", 0, "capacity", None, "Storage!D2", "is blank; needs a number of at least 0, or 'unlimited'"),
    ("Storage", 0, "inject", -1, "Storage!E2", "a number of at least 0, or 'unlimited'"),
    ("Storage", 0, "initial", 3, "Storage!G2  row 'tanks', column 'initial'\n    holds '3'",
     "a stock of at most the capacity of the store (2)"),
    ("Storage", 0, "final", 2.5, "Storage!H2", "a stock of at most the capacity of the store (2)"),
    ("Storage", 0, "final", "inital", "Storage!H2", "a number of at least 0, or 'initial'"),
    ("Storage", 0, "commodity", "lihgt", "Storage!C2", "Nearest valid name: 'light'."),
    ("Projects", 0, "capex", None, "Projects!F2  row 'widening', column 'capex'", "is blank; needs a number of"),
    ("Projects", 0, "life_years", None, "Projects!G2", "is blank; needs a number above 0 in years"),
    ("Projects", 0, "life_years", 0, "Projects!G2", "a number above 0 in years"),
    ("Projects", 0, "size", 0, "Projects!C2", "a number above 0"),
    ("Projects", 0, "whole_units", None, "Projects!E2", "is blank; needs yes or no"),
    ("Projects", 0, "whole_units", "yes", "Projects!D2", "a whole number, since whole_units says yes"),
    ("Projects", 0, "earliest", "2028", "Projects!I2", "The periods run from 2026 to 2027."),
    ("Projects", 0, "funds", "banc", "Projects!H2", "Nearest valid name: 'bank'."),
    ("Projects", 1, "funds", "bank 60, stat 40", "Projects!H3", "holds 'stat'; needs names from the sheet Funds"),
    ("Projects", 1, "funds", "bank 60, state 30", "Projects!H3", "shares that add up to 100; these add up to 90.\n"
     "    For money from elsewhere, add a fund whose budget is unlimited."),
    ("Projects", 0, "requires", "fleet_two", "Projects!I2", "Loop: widening → fleet_two → widening."),
    ("Projects", 1, "requires", "fleet_two", "Projects!K3", "Loop: fleet_two → fleet_two."),
    ("Projects", 1, "requires", "wider", "Projects!K3", "Nearest valid name: 'widening'."),
    ("Projects", 0, "adds_to", "pip", "Projects!B2", "names from the sheet Supply or Demand or Links"),
    ("Projects", 0, "adds_to", "sea", "Projects!B2", "rows with a limit; 'sea' has no capacity to which anything"),
    ("Projects", 0, "adds_to", "heat", "Projects!B2", "rows other than 'heat', whose volume follows its price"),
    ("Projects", 0, "adds_to", "pipe, ships", "Projects!B2", "rows in one unit, since size holds for each ('pipe' in"
     " Mt a year, 'ships' in vessels)"),
    ("Projects", 0, "adds_to", "pipe, tanks", "Projects!B2", "('pipe' in Mt a year, 'tanks' in Mt in store)"),
    ("Storage", 0, "storage", "pipe", "Projects!B2", "Links and Storage both have a row 'pipe': rename one."),
    ("Funds", 0, "budget", None, "Funds!B2", "is blank; needs a number of at least 0 in million USD, or 'unlimited'"),
    # series
    ("Series", 0, "sheet", "Marker", "Series!A2", "Nearest valid name: 'Markers'."),
    ("Series", 0, "key", "Brnt", "Series!B2", "Nearest valid name: 'Brent'."),
    ("Series", 0, "column", "vale", "Series!C2", "Nearest valid name: 'value'."),
    ("Series", 0, "column", "unit", "Series!C2", "Columns of Markers that can: value."),
    ("Series", 0, "2026", -5, "Series!D2  row 'Markers/Brent/value', column '2026'", "a number of at least 0"),
    ("Series", 0, "2026", "8o", "Series!D2", "it looks like the number 8"),
    # scenarios
    ("Scenarios", 1, "based_on", "lo", "Scenarios!D3", "Nearest valid name: 'low'."),
    ("Scenarios", 0, "based_on", "lower", "Scenarios!D2", "Loop: low → lower → low."),
    ("Scenarios", 0, "probability", -0.5, "Scenarios!D2", "a number of at least 0 and of at most 1 in share"),
    ("Scenarios", 0, "probability", 0.5, "Scenarios  column 'probability'", "a row for 'base', which is run as well"),
    ("Changes", 0, "scenario", "lowest", "Changes!A2", "Nearest valid name: 'lower'."),
    ("Changes", 0, "scenario", "base", "Changes!A2", "'base' is the workbook as it stands"),
    ("Changes", 0, "sheet", "Nodes", "Changes!B2", "a sheet whose values can be changed"),
    ("Changes", 0, "key", "Brint", "Changes!C2", "Nearest valid name: 'Brent'."),
    ("Changes", 1, "key", "*tube", "Changes!C3", "Nothing matches '*tube'."),
    ("Changes", 0, "column", "unit", "Changes!D2", "Columns of Markers that can be changed: value."),
    ("Changes", 0, "change", "plus", "Changes!E2", "one of: set, add, multiply"),
    ("Changes", 0, "value", "ten", "Changes!F2", "needs a number."),
    ("Changes", 0, "value", -100, "Changes!F2", "result is a number of at least 0; for 'Brent' it is -20"),
    ("Changes", 1, "column", "distance_km", "Changes!G3", "since distance_km cannot vary by period"),
    ("Changes", 1, "value", None, "Changes!F3", "is blank"),
]  # fmt: skip


def faults(tables: Tables) -> str:
    with pytest.raises(WorkbookError) as caught:
        validate(raw_from_tables(tables))
    return str(caught.value)


def case_of(tables: Tables) -> Case:
    return validate(raw_from_tables(tables))


def test_the_tiny_case_is_valid() -> None:
    case = case_of(tiny())
    assert case.periods == ("2026", "2027")
    assert case.number("Markers", "value")[0].tolist() == [80, 75]
    assert case.source_cell("Markers", 0, "value", 1) == "Series!E2"
    assert case.source_cell("Links", 0, "tariff", 1) == "Links!G2"


@pytest.mark.parametrize(("sheet", "row", "column", "value", "place", "text"), BROKEN)
def test_one_broken_cell(sheet: str, row: int, column: str, value: Any, place: str, text: str) -> None:
    tables = tiny()
    tables[sheet][row][column] = value
    message = faults(tables)
    assert place in message
    assert text in message


def _bad_values() -> list[tuple[str, str, Any]]:
    """A value that fits no cell of the column, for every column that is more than a free text."""
    bad = {
        "number": "many",
        "choice": "none of these",
        "yes/no": "maybe",
        "reference": "nobody",
        "references": "nobody, else",
        "period": "1066",
        "periods": "1066..1067",
        "unit": "bananas",
        "becomes": "nothing",
        "selector": "all",
        "name": "a:b",
    }
    return [
        (table.sheet, column.name, bad[column.kind])
        for table in SHEETS.values()
        for column in table.columns
        if column.kind in bad and table.sheet != "Settings"
    ]


@pytest.mark.parametrize(("sheet", "column", "value"), _bad_values())
def test_every_column_is_checked(sheet: str, column: str, value: str) -> None:
    tables = tiny()
    tables[sheet][0][column] = value
    message = faults(tables)
    row = [line for line in message.splitlines() if line.startswith(f"{sheet}!") and f"column {column!r}" in line]
    assert len(row) == len(value.split(",")) or column == "period", message
    if column != SHEETS[sheet].key:  # else what refers to the row by its old name is at fault as well
        assert not [
            one for one in message.splitlines() if one.startswith(("Limits!", "Observed!")) and sheet not in one
        ]


@pytest.mark.parametrize(
    ("sheet", "column"),
    [
        (table.sheet, column.name)
        for table in SHEETS.values()
        for column in table.columns
        if column.required and table.key != column.name
    ],
)
def test_a_blank_that_means_nothing_is_a_fault(sheet: str, column: str) -> None:
    tables = tiny()
    if (sheet, column) == ("Markers", "value"):
        tables["Series"] = []
    for row in tables[sheet]:
        row.setdefault(column, None)
    tables[sheet][0][column] = None
    assert f"{sheet}!" in faults(tables)
    assert f"column {column!r}\n    is blank; needs" in faults(tables)


def test_a_minimum_use_of_a_store() -> None:
    tables = tiny()
    tables["Projects"][0].update(adds_to="tanks", minimum_use=0.5)
    assert "column 'minimum_use'\n    holds '0.5'; needs a blank cell or 0, since 'tanks' is a store" in faults(tables)


def test_an_asset_in_units_of_use_may_grow_with_a_link() -> None:
    tables = tiny()
    tables["Projects"][0]["adds_to"] = "pipe, berth"
    case_of(tables)
    tables["Projects"][0]["adds_to"] = "berth, ships"
    assert "('berth' in units of use, 'ships' in vessels)" in faults(tables)


def test_a_limit_on_what_is_built() -> None:
    tables = tiny()
    limit = {"limit": "one", "measure": "built", "what": "project=*", "at_most": 1, "per": "horizon"}
    tables["Limits"].append({**limit, "what": "fund=state"})
    assert len(case_of(tables)["Limits"]) == len(tables["Limits"])
    tables["Limits"][-1] = {**limit, "volume_unit": "Mt"}
    assert "a blank cell, since units of projects are counted" in faults(tables)
    tables["Limits"][-1] = {**limit, "what": "project=wide"}
    assert "no built has project=wide" in faults(tables)


def test_each_loop_of_prerequisites_is_reported_once() -> None:
    tables = tiny()
    extra = dict(tables["Projects"][0])
    tables["Projects"] += [{**extra, "project": name, "requires": other} for name, other in ("ab", "bc", "ca", "da")]
    message = faults(tables)
    assert message.startswith("tables: 1 place to mend")
    assert "Loop: a → b → c → a." in message


def test_all_faults_are_reported_together() -> None:
    tables = tiny()
    tables["Links"][0]["loss"] = 10
    tables["Nodes"][1]["kind"] = "harbour"
    tables["Changes"][0]["value"] = -1000
    with pytest.raises(WorkbookError) as caught:
        validate(raw_from_tables(tables))
    assert [issue.cell for issue in caught.value.issues] == ["Changes!F2", "Links!H2", "Nodes!C3"]
    assert str(caught.value).startswith("tables: 3 places to mend; nothing was run.")


def test_one_mistake_gives_one_message() -> None:
    """A faulty name is reported where it is declared, not once more at each cell that refers to it."""
    tables = tiny()
    tables["Nodes"][1]["node"] = "po:rt"
    for sheet in ("Links", "Demand", "Storage"):
        for row in tables[sheet]:
            row.update({column: "po:rt" for column in ("from", "to", "node", "fee_to") if row.get(column) == "port"})
    assert faults(tables).startswith("tables: 1 place to mend")
    tables = tiny()
    tables["Commodities"][2]["unit"] = "m3"
    assert faults(tables).startswith("tables: 1 place to mend")


def test_a_missing_sheet_is_reported_once() -> None:
    tables = tiny()
    del tables["Nodes"]
    message = faults(tables)
    assert "Nodes\n    needs at least one row." in message
    assert "needs a name from the sheet Nodes" not in message


def test_optional_sheets_may_be_absent() -> None:
    needed = {name: rows for name, rows in tiny().items() if SHEETS[name].needed}
    needed["Demand"] = needed["Demand"][:1]
    needed["Links"] = [row for row in needed["Links"] if row["link"] != "gas_pipe"]
    case = case_of(needed)
    for name, table in SHEETS.items():
        held = {**case[name].words, **case[name].numbers}
        assert set(held) == {column.name for column in table.columns}
    assert len(case["Fleets"]) == 0
    assert case.number("Fleets", "vessels").shape == (0, 2)


def test_unknown_sheets_and_columns_name_the_nearest() -> None:
    tables: dict[str, Any] = dict(tiny())
    tables["Link"] = [{"a": 1}]
    tables["_mine"] = [{"a": 1}]
    tables["Nodes"][0]["contry"] = "x"
    tables["Nodes"][0]["#remark"] = "x"
    message = faults(tables)
    assert "Link\n    is no sheet of this workbook.\n    Nearest valid name: 'Links'." in message
    assert (
        "Nodes!F1\n    holds 'contry'; needs one of the columns of Nodes.\n    Nearest valid name: 'country'."
        in message
    )
    assert message.startswith("tables: 2 places")


def test_a_series_must_cover_what_the_row_leaves_blank() -> None:
    tables = tiny()
    tables["Markers"][0]["value"] = None
    assert case_of(tables).number("Markers", "value")[0].tolist() == [80, 75]
    del tables["Series"][0]["2027"]
    message = faults(tables)
    assert "Markers!C2  row 'Brent', column 'value'\n    is blank" in message
    assert "Series gives no value for 2027." in message


def test_a_blank_of_a_series_falls_back_to_the_own_value() -> None:
    tables = tiny()
    tables["Series"].append({"sheet": "links", "key": "pipe", "column": "Capacity", "2027": "unlimited"})
    case = case_of(tables)
    assert case.number("Links", "capacity")[0].tolist() == [18, np.inf]
    assert case["Links"].numbers["tariff"].shape == (4, 1)
    assert case.series_cells["Links", "pipe", "capacity", 1] == "Series!E3"


def test_series_rows_and_columns() -> None:
    tables = tiny()
    tables["Series"][0]["2028"] = 4
    tables["Series"].append({"sheet": "Markers", "key": "Hub", "column": "value"})
    tables["Series"].append({"sheet": "markers", "key": "Brent", "column": "value", "2026": 1})
    message = faults(tables)
    assert "Series!F1\n    holds '2028'; needs a period of the sheet Periods.\n    Nearest valid name: '202" in message
    assert "needs a value for at least one period" in message
    assert "Row 2 is for it too." in message
    tables = tiny()
    tables["Series"] *= 2
    assert "Series!A2 has 'Markers/Brent/value' already." in faults(tables)


def test_the_minimum_may_exceed_a_capacity_that_a_series_takes_away() -> None:
    tables = tiny()
    tables["Series"].append({"sheet": "Links", "key": "gas_pipe", "column": "capacity", "2027": 0})
    assert case_of(tables).number("Links", "capacity")[3].tolist() == [9, 0]
    tables["Series"].append({"sheet": "Links", "key": "gas_pipe", "column": "minimum", "2026": 20})
    message = faults(tables)
    assert (
        "Series!D4  row 'Links/gas_pipe/minimum', column '2026'\n    holds '20'; needs a number of at most" in message
    )


def months(years: dict[int, int], length: Any = "1/12") -> list[dict[str, Any]]:
    return [
        {"period": f"{year}-{month:02}", "year": year, "years": length}
        for year, count in years.items()
        for month in range(1, count + 1)
    ]


def _calendar(periods: list[dict[str, Any]]) -> Tables:
    tables = {name: rows for name, rows in tiny().items() if SHEETS[name].needed}
    tables["Periods"] = periods
    tables["Demand"] = tables["Demand"][:1]
    tables["Links"] = tables["Links"][:2]
    return tables


def test_periods_of_a_month_and_of_several_years() -> None:
    case = case_of(_calendar(months({2026: 12, 2027: 3})))
    assert case.years[0] == pytest.approx(1 / 12)
    long = [{"period": str(year), "year": year, "years": 5} for year in (2025, 2030, 2035)]
    assert case_of(_calendar(long)).years.tolist() == [5, 5, 5]
    case_of(_calendar(months({2026: 12, 2027: 12}, 0.0833)))


def test_gaps_between_periods() -> None:
    assert "so the next year is 2027" in faults(_calendar(months({2026: 12, 2028: 12})))
    assert "a year that follows without a gap" in faults(_calendar(months({2026: 12, 2027: 6, 2028: 12})))
    long = [{"period": str(year), "year": year, "years": 5} for year in (2025, 2029)]
    assert "The periods of 2025 are 5 years long, so the next year is 2030." in faults(_calendar(long))


def test_contracts_have_one_value_a_contract_year() -> None:
    tables = _calendar(months({2026: 12}))
    tables["Contracts"] = tiny()["Contracts"]
    tables["Series"] = [{"sheet": "Contracts", "key": "pledge", "column": "volume", "2026-06": 5}]
    assert "one value for all periods of 2026" in faults(tables)


def test_a_limit_over_the_horizon_has_one_value() -> None:
    tables = tiny()
    tables["Limits"][0]["per"] = "horizon"
    tables["Series"].append({"sheet": "Limits", "key": "quota", "column": "at_most", "2027": 5})
    assert "one value for all periods, since it holds over the horizon" in faults(tables)
    tables = tiny()
    tables["Limits"][0]["at_least"] = 20
    assert "a number of at most at_most (14)" in faults(tables)


def test_a_life_that_ends_before_it_begins() -> None:
    tables = tiny()
    tables["Links"][2].update(opens="2027", closes="2026")
    assert "Links!L4  row 'sea', column 'opens'\n    holds '2027'; needs a period not after closes (2026)." in faults(
        tables
    )


def test_uses_that_overlap() -> None:
    tables = tiny()
    tables["Uses"].append({"link": "sea", "asset": "jetty", "commodity": "light"})
    assert "Uses!A2 holds for all commodities: write one row for all, or one row for each." in faults(tables)


def test_a_marker_of_another_kind_is_a_plain_number() -> None:
    tables = tiny()
    tables["Demand"][2].update(marker="Brent", slope=4, elasticity=None)
    case_of(tables)
    tables["Demand"][2].update(marker="Hub")
    tables["Commodities"][2]["gj_per_1000m3"] = None
    assert "a marker whose unit fits 'gas'" in faults(tables)


def test_where_the_cost_is_minimised_a_price_may_be_blank() -> None:
    tables = tiny()
    tables["Settings"].append({"setting": "objective", "value": "Cost"})
    tables["Demand"][0]["price"] = None
    case = case_of(tables)
    assert case.settings.objective == "cost"
    assert case.number("Demand", "price")[0].tolist() == [0, 0]


def test_shares_and_grades() -> None:
    tables = tiny()
    tables["Links"][1]["country"] = "Côte d'Ivoire"
    tables["Links"][2]["country"] = "Block 15"
    tables["Links"][3]["country"] = "A 30%, B 90%"
    tables["Links"][2]["becomes"] = "light > blend"
    case = case_of(tables)
    assert case.word("Links", "country")[1:] == (
        (("Côte d'Ivoire", 1.0),),
        (("Block 15", 1.0),),
        (("A", 0.25), ("B", 0.75)),
    )
    assert case.word("Links", "becomes")[2] == {"light": "blend"}
    assert case.word("Links", "becomes")[0] == {}


def test_a_country_written_in_two_ways_is_a_notice() -> None:
    tables = tiny()
    tables["Links"][0]["country"] = "Nortland"
    assert case_of(tables).notices == (
        "Links!I2: the country 'Nortland' is not on the sheet Nodes, which has 'Northland'.",
    )


def test_scenarios_are_valid_workbooks_too() -> None:
    tables = tiny()
    tables["Changes"].append(
        {"scenario": "low", "sheet": "Demand", "key": "near", "column": "volume", "change": "set", "value": 1}
    )
    message = faults(tables)
    assert "Changes!F4  row 'low', column 'value'" in message
    assert "a change that leaves in Demand:near:firm a number of at most the volume of the row (1)" in message
    assert "Scenario 'low'." in message
    # an outage takes capacity below the minimum, which then lapses
    tables["Changes"][-1] = {
        "scenario": "low",
        "sheet": "Links",
        "key": "gas_pipe",
        "column": "capacity",
        "change": "set",
        "value": 0,
    }
    case_of(tables)


def test_base_is_the_workbook_as_it_stands() -> None:
    tables = tiny()
    tables["Scenarios"].append({"scenario": "base", "run": "no", "description": "as it is", "based_on": "low"})
    assert "'base' is the workbook as it stands" in faults(tables)
    tables["Scenarios"][-1]["based_on"] = None
    tables["Scenarios"][0]["based_on"] = "base"
    case_of(tables)


def test_tables_may_be_data_frames() -> None:
    frames = {name: pd.DataFrame(rows) for name, rows in tiny().items()}
    frames["Nodes"] = frames["Nodes"].set_index("node")
    frames["Periods"]["period"] = frames["Periods"]["period"].astype(int)
    frames["Links"]["capacity"] = frames["Links"]["capacity"].astype("Float64")
    frames["Links"].loc[1, "opens"] = pd.NaT
    one, two = validate(raw_from_tables(frames)), case_of(tiny())
    for name in SHEETS:
        assert one[name].keys == two[name].keys
        assert one[name].words == two[name].words
        for column, values in two[name].numbers.items():
            np.testing.assert_array_equal(one[name].numbers[column], values)


def test_the_case_cannot_be_edited() -> None:
    with pytest.raises(ValueError, match="read-only"):
        case_of(tiny())["Links"].numbers["tariff"][0] = 1
