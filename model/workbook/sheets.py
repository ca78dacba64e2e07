"""Every sheet of the input workbook, declared once."""

from __future__ import annotations

from typing import Final

from model.workbook.columns import AS_INITIAL, Column, Table

UNLIMITED: Final = "unlimited"

VOLUME_UNITS: Final = ("Mt", "kt", "kb/d", "mb/d", "bcm", "mcm/d", "TWh", "PJ")

SOURCE: Final = Column(
    "source", "Where the row's numbers come from: names from Sources, or free text", "text", blank=None
)
NOTE: Final = Column("note", "Anything a reader should know", "text", blank=None)


def _volume_unit() -> Column:
    return Column(
        "volume_unit",
        "Unit in which the row's volumes are written; a limit that several commodities share binds in it",
        "choice",
        choices=VOLUME_UNITS,
        blank=None,
        blank_means="the commodity's own unit",
        example=None,
    )


def _money_unit(name: str, what: str) -> Column:
    return Column(
        name,
        f"Unit of the row's {what}: <currency>/<unit> with unit t, bbl, 1000m3, MMBtu or MWh"
        + (", and optionally /100km or /1000km" if name == "tariff_unit" else ""),
        "unit",
        blank=None,
        blank_means="USD per t or per 1000 m³",
        hint="Examples: USD/bbl, EUR/MWh" + (", KZT/t/1000km." if name == "tariff_unit" else "."),
    )


def _life(verb: str) -> tuple[Column, Column]:
    return (
        Column("opens", f"First period in which it {verb}", "period", blank=None, blank_means="from the first period"),
        Column("closes", f"Last period in which it {verb}", "period", blank=None, blank_means="to the last period"),
    )


def _commodity(meaning: str, kind: str = "reference", **extra: object) -> Column:
    return Column("commodity", meaning, kind, refers_to=("Commodities",), **extra)  # type: ignore[arg-type]


SETTINGS_TABLE: Final = Table(
    "Settings",
    "Choices that hold for the whole workbook.",
    (
        Column("setting", "Name of the setting", "name"),
        Column("value", "Its value", "value", blank=None, blank_means="the default"),
        SOURCE,
        NOTE,
    ),
)

SETTINGS: Final = Table(
    "Settings",
    "Each setting, its meaning and default.",
    (
        Column("title", "Title shown on every result", "text", blank=None, blank_means="the workbook's name"),
        Column("schema_version", "Version of this layout", blank=1, at_least=1, at_most=1, whole=True),
        Column(
            "objective",
            "What is optimised: the value of exports, or the cost of meeting firm demand",
            "choice",
            choices=("export value", "cost"),
            blank="export value",
        ),
        Column("discount_rate", "Real discount rate", unit="share a year", blank=0.0, at_least=0, below=1),
        Column("base_year", "Year to which money is discounted", unit="year", blank=None, blank_means="the first period's year"),
        Column(
            "unserved_price",
            "Price paid per unit of firm demand that is not met",
            unit="USD/t or USD/1000 m³",
            blank=None,
            blank_means="firm demand must be met",
            at_least=0,
        ),
        Column("demand_steps", "Steps in which an elastic demand line is cut", blank=20, at_least=1, at_most=1000, whole=True),
        Column("choke_multiple", "Price, as a multiple of the given one, above which elastic demand is cut", blank=3.0, above=1),
        Column("routes_per_pair", "Routes listed per field and market", blank=5, at_least=1, at_most=1000, whole=True),
        Column("mip_gap", "Relative gap at which a plan of whole units is accepted", unit="share", blank=1e-4, at_least=0, below=1),
        Column("time_limit", "Seconds that the solver may take per scenario", unit="seconds", blank=None, blank_means="no limit", above=0),
        Column("tail", "Share of the worst outcomes that a plan by cvar averages", unit="share", blank=0.1, above=0, at_most=1, hint="Write ten percent as 0.10."),
    ),
)

PERIODS: Final = Table(
    "Periods",
    "The periods of the study, in order, without gaps.",
    (
        Column("period", "Label of the period", "name", example="2026"),
        Column("year", "Calendar year to which it belongs: contract and discount year", unit="year", whole=True, at_least=1900, at_most=2200, example=2026),
        Column("years", "Length of the period in years", unit="years", above=0, at_most=50, hint="1 for a year, 1/12 for a month.", fraction=True, blank=1.0, blank_means="one year", example=1),
        SOURCE,
        NOTE,
    ),
    needed=True,
)

CURRENCIES: Final = Table(
    "Currencies",
    "Exchange rates; USD needs no row.",
    (
        Column("currency", "Code of the currency", "name", example="EUR"),
        Column("per_usd", "Units of the currency for one US dollar", unit="per USD", above=0, series=True, example=0.92),
        SOURCE,
        NOTE,
    ),
)

COMMODITIES: Final = Table(
    "Commodities",
    "What is carried: grades of oil, gas by origin, cargo.",
    (
        Column("commodity", "Name of the commodity or grade", "name", example="kz_light"),
        Column("family", "Family to which it belongs", "choice", choices=("oil", "gas", "cargo"), example="oil"),
        Column("unit", "Unit of all its volumes", "choice", choices=("Mt", "bcm"), example="Mt"),
        Column("origin", "Exporting country", "text", blank=None, blank_means="no exporter: it counts as no export", example="Kazakhstan"),
        Column("bbl_per_t", "Barrels per tonne", unit="bbl/t", above=0, blank=None, blank_means="cannot be converted to barrels", example=7.9),
        Column(
            "gj_per_1000m3",
            "Energy of 1000 m³ at 15 °C, gross calorific value",
            unit="GJ/1000 m³",
            above=0,
            blank=None,
            blank_means="cannot be converted to energy",
            hint="Use the gross value; a net value shifts prices by a tenth.",
        ),
        Column("differential", "What the grade fetches above or below a price linked to a marker", unit="{differential}", blank=0.0, blank_means="none", series=True, example=-1.5),
        Column("differential_unit", "Unit of the differential: <currency>/<unit>", "unit", blank=None, blank_means="USD per t or per 1000 m³", hint="Examples: USD/bbl, EUR/MWh.", example="USD/bbl"),
        Column("co2_t_per_unit", "Carbon dioxide when burnt", unit="t CO₂ per t or 1000 m³", blank=None, blank_means="not stated", at_least=0),
        SOURCE,
        NOTE,
    ),
    needed=True,
)

NODE_KINDS: Final = ("field", "hub", "port", "border", "market", "storage")

NODES: Final = Table(
    "Nodes",
    "Places where oil and gas is produced, handed over or sold.",
    (
        Column("node", "Name of the place", "name", example="tengiz"),
        Column("label", "Name shown in tables and on maps", "text", blank=None, blank_means="the node's name", example="Tengiz"),
        Column("country", "Country in which it lies", "text", example="Kazakhstan"),
        Column("kind", "What sort of place it is", "choice", choices=NODE_KINDS, example="field"),
        Column("latitude", "Degrees north", unit="degrees", at_least=-90, at_most=90, blank=None, blank_means="left off the map", example=46.15),
        Column("longitude", "Degrees east", unit="degrees", at_least=-180, at_most=180, blank=None, blank_means="left off the map", example=53.4),
        SOURCE,
        NOTE,
    ),
    needed=True,
)

MARKERS: Final = Table(
    "Markers",
    "Price decks of the benchmarks to which demand prices are linked.",
    (
        Column("marker", "Name of the benchmark", "name", example="Brent"),
        Column("unit", "Its unit: <currency>/<unit>", "unit", hint="Examples: USD/bbl, EUR/MWh.", example="USD/bbl"),
        Column("value", "Its price", unit="{marker}", at_least=0, series=True, example=80),
        SOURCE,
        NOTE,
    ),
)

SUPPLY: Final = Table(
    "Supply",
    "What fields can produce; several rows per field make a rising cost curve.",
    (
        Column("supply", "Name of the supply", "name", example="tengiz"),
        Column("node", "Where it enters the network", "reference", refers_to=("Nodes",), example="tengiz"),
        _commodity("What is produced", example="kz_light"),
        Column("capacity", "Most that can be produced", unit="{volume}/year", at_least=0, unlimited=True, series=True, example=28),
        Column("minimum", "Least that must be produced", unit="{volume}/year", at_least=0, blank=0.0, blank_means="none", series=True),
        Column("cost", "Cost of producing one unit", unit="{cost}", series=True, example=40),
        _volume_unit(),
        _money_unit("cost_unit", "cost"),
        Column("reserves", "Most over the whole horizon", unit="{volume}", at_least=0, blank=None, blank_means="no limit over the horizon"),
        SOURCE,
        NOTE,
    ),
    needed=True,
)

DEMAND: Final = Table(
    "Demand",
    "Markets: how much they take and at what price.",
    (
        Column("demand", "Name of the demand", "name", example="augusta"),
        Column("node", "Where it is delivered", "reference", refers_to=("Nodes",), example="augusta"),
        _commodity("What is taken; several compete for the same volume", "references", example="kz_light"),
        Column("volume", "Most that is taken", unit="{volume}/year", at_least=0, unlimited=True, series=True, example=30),
        Column("firm", "Part that must be delivered", unit="{volume}/year", at_least=0, blank=0.0, blank_means="none", series=True),
        Column("price", "Fixed price, without grade differentials", unit="{price}", blank=None, blank_means="a marker is given, or the price is zero where the objective is cost", series=True),
        Column("marker", "Benchmark to which the price is linked", "reference", refers_to=("Markers",), blank=None, blank_means="the price is fixed", example="Brent"),
        Column("slope", "Share of the marker that is paid", unit="", blank=1.0, blank_means="1", series=True),
        Column("differential", "Added to slope × marker, in the unit of the price", unit="{price}", blank=0.0, blank_means="none", series=True),
        Column("elasticity", "Own-price elasticity at the given volume and price", unit="% per %", below=0, blank=None, blank_means="volume does not react to price", hint="Write it with its minus sign, such as -0.3."),
        _volume_unit(),
        _money_unit("price_unit", "price and differential"),
        SOURCE,
        NOTE,
    ),
    needed=True,
)

MODES: Final = ("pipeline", "tanker", "ferry", "rail", "terminal", "swap", "virtual")

LINKS: Final = Table(
    "Links",
    "Legs of the network: each carries commodities from one node to another.",
    (
        Column("link", "Name of the leg", "name", example="cpc"),
        Column("from", "Where it starts", "reference", refers_to=("Nodes",), example="tengiz"),
        Column("to", "Where it ends", "reference", refers_to=("Nodes",), example="novorossiysk"),
        Column("mode", "How it carries", "choice", choices=MODES, example="pipeline"),
        _commodity("What it may carry", "references", example="kz_light"),
        Column("becomes", "Grade after this leg: one name, or pairs 'a > b, c > d'", "becomes", refers_to=("Commodities",), blank=None, blank_means="the grade does not change"),
        Column("capacity", "Most that may enter", unit="{volume}/year", at_least=0, unlimited=True, blank=float("inf"), blank_means="none of its own", series=True, example=60),
        Column("minimum", "Least that must enter", unit="{volume}/year", at_least=0, blank=0.0, blank_means="none", series=True),
        Column("tariff", "Paid per unit entering", unit="{tariff}", series=True, example=38),
        Column("loss", "Share of the entering volume used or lost on the way", unit="share", at_least=0, below=1, blank=0.0, blank_means="none", series=True, hint="Write one percent as 0.01 or 1%.", example=0.003),
        Column("fee_in_kind", "Share of the entering volume that the carrier keeps", unit="share", at_least=0, below=1, blank=0.0, blank_means="none", series=True),
        Column("fee_to", "Node where that share appears", "reference", refers_to=("Nodes",), blank=None, blank_means="the carrier's share leaves the network"),
        Column("distance_km", "Length of the leg", unit="km", at_least=0, blank=None, blank_means="unknown: counts one km where ties are broken", example=1511),
        Column("country", "Who earns the tariff: a country, or shares 'A 70, B 30'", "shares", blank=None, blank_means="the country of the starting node", example="Kazakhstan 30, Russia 70"),
        Column("risk", "A cost per unit that nobody earns", unit="{tariff}", blank=0.0, blank_means="none", series=True),
        _volume_unit(),
        _money_unit("tariff_unit", "tariff and risk"),
        *_life("can be used"),
        SOURCE,
        NOTE,
    ),
    needed=True,
)

ASSETS: Final = Table(
    "Assets",
    "Pipes, ports, berths, straits and railways that several links or commodities share.",
    (
        Column("asset", "Name of the asset", "name", example="cpc_pipe"),
        Column("kind", "What it is", "text", blank=None, example="pipeline"),
        Column("country", "Whose it is: a country, or shares 'A 70, B 30'", "shares", blank=None, blank_means="not stated"),
        Column("capacity", "Most that may use it", unit="{capacity}/year", at_least=0, unlimited=True, series=True, example=67),
        Column("availability", "Share of the capacity that can be used", unit="share", at_least=0, at_most=1, blank=1.0, blank_means="all of it", series=True),
        Column("reserved", "Taken by users outside this model", unit="{capacity}/year", at_least=0, blank=0.0, blank_means="none", series=True),
        Column("minimum", "Least that must use it", unit="{capacity}/year", at_least=0, blank=0.0, blank_means="none", series=True),
        Column("volume_unit", "Unit of its capacity; commodities are converted to it", "choice", choices=VOLUME_UNITS, blank=None, blank_means="units of use: each unit carried counts as Uses says"),
        Column("measured_at", "Whether volumes count where they enter or leave a link", "choice", choices=("in", "out"), blank="in", blank_means="in"),
        SOURCE,
        NOTE,
    ),
)

USES: Final = Table(
    "Uses",
    "Which link uses which asset or fleet. Two fleets on one link are both used up: alternatives are parallel links.",
    (
        Column("link", "The link", "reference", refers_to=("Links",), example="cpc"),
        Column("asset", "The asset or fleet that it uses", "reference", refers_to=("Assets", "Fleets"), example="cpc_pipe"),
        _commodity("Only this commodity", blank=None, blank_means="all that the link carries"),
        Column("use", "Asset units per unit carried; negative for backhaul", unit="per unit", blank=1.0, blank_means="1", series=True),
        Column("load_factor", "Share of the deadweight that the ports of this route let a vessel load", unit="share", above=0, at_most=1, blank=None, blank_means="the fleet's own", series=True),
        SOURCE,
        NOTE,
    ),
)

FLEETS: Final = Table(
    "Fleets",
    "Vessels that carry commodities measured in Mt.",
    (
        Column("fleet", "Name of the fleet", "name", example="kmtf"),
        Column("country", "Whose it is: a country, or shares 'A 70, B 30'", "shares", blank=None, blank_means="not stated"),
        Column("vessels", "Number of vessels", unit="vessels", at_least=0, series=True, example=3),
        Column("deadweight_t", "Deadweight of one vessel", unit="t", above=0, series=True, example=12400),
        Column("load_factor", "Share of the deadweight loaded; falls with the sea level", unit="share", above=0, at_most=1, blank=1.0, blank_means="1", series=True),
        Column("speed_knots", "Average speed", unit="knots", above=0, series=True, example=11),
        Column("port_days", "Days in port per round trip", unit="days", at_least=0, series=True, example=4),
        Column("operating_days", "Days at work in a year", unit="days/year", above=0, at_most=366, series=True, example=340),
        Column("reserved", "Share taken by users outside this model", unit="share", at_least=0, at_most=1, blank=0.0, blank_means="none", series=True),
        SOURCE,
        NOTE,
    ),
)

STORAGE: Final = Table(
    "Storage",
    "Stocks carried from one period to the next.",
    (
        Column("storage", "Name of the store", "name", example="ceyhan_tanks"),
        Column("node", "Where it stands", "reference", refers_to=("Nodes",), example="ceyhan"),
        _commodity("What it holds; a tank farm of several grades has one row for each", example="kz_light"),
        Column("capacity", "Most it can hold", unit="{own}", at_least=0, unlimited=True, series=True, example=0.9),
        Column("inject", "Most that can be put in", unit="{own}/year", at_least=0, unlimited=True, series=True, example=50),
        Column("withdraw", "Most that can be taken out", unit="{own}/year", at_least=0, unlimited=True, series=True, example=50),
        Column("initial", "Stock at the start of the first period", unit="{own}", at_least=0, blank=0.0, blank_means="empty", example=0.4),
        Column("final", "Least stock at the end of the last period; 'initial' for as much as at the start", unit="{own}", at_least=0, literals=(("initial", AS_INITIAL),), blank=0.0, blank_means="no minimum", hint="The word initial makes the store cyclic.", example="initial"),
        Column("cost", "Cost of holding, on the stock at the end of a period", unit="USD per unit and year", blank=0.0, at_least=0, blank_means="none", series=True),
        Column("loss", "Share lost per year held", unit="share", at_least=0, below=1, blank=0.0, blank_means="none", series=True, hint="Write one percent as 0.01 or 1%."),
        SOURCE,
        NOTE,
    ),
)

CONTRACT_TYPES: Final = ("ship-or-pay", "deliver-or-pay", "take-or-pay")

CONTRACTS: Final = Table(
    "Contracts",
    "Volumes that must be lifted or paid for, by contract year.",
    (
        Column("contract", "Name of the contract", "name", example="kmg_socar"),
        Column("type", "Who pays for a shortfall: the exporter, or with take-or-pay the buyer", "choice", choices=CONTRACT_TYPES, example="ship-or-pay"),
        Column("applies_to", "The link, asset or demand whose volume counts", "reference", refers_to=("Links", "Assets", "Demand"), example="btc"),
        _commodity("Only these commodities", "references", blank=None, blank_means="all"),
        Column("volume", "Volume per contract year", unit="{volume}/year", at_least=0, series=True, example=1.5),
        Column("share", "Part of the volume that binds", unit="share", at_least=0, at_most=1, blank=1.0, blank_means="all of it", series=True),
        Column("ceiling", "Most per contract year", unit="{volume}/year", at_least=0, blank=None, blank_means="no ceiling", series=True),
        Column("shortfall_price", "Paid per unit not lifted", unit="USD per unit", at_least=0, series=True, example=20),
        Column("make_up_years", "Years in which a paid shortfall may be made up", unit="years", at_least=0, whole=True, blank=0, blank_means="none"),
        _volume_unit(),
        *_life("binds"),
        SOURCE,
        NOTE,
    ),
)

# the column to which a project adds, on each sheet that may be named in adds_to
CAPACITY: Final = {
    "Supply": "capacity",
    "Demand": "volume",
    "Links": "capacity",
    "Assets": "capacity",
    "Fleets": "vessels",
    "Storage": "capacity",
}

PROJECTS: Final = Table(
    "Projects",
    "Capacity that may be built.",
    (
        Column("project", "Name of the project", "name", example="cpc_expansion"),
        Column("adds_to", "Rows whose capacity (volume, vessels) it adds to; each gets the size", "references", refers_to=tuple(CAPACITY), example="cpc_pipe"),
        Column("size", "Capacity per unit built, in the unit of the rows that it adds to", unit="{added}", above=0, example=5),
        Column("minimum_use", "Share of what was built that must be used; flows back (a negative use) do not count", unit="share", at_least=0, at_most=1, blank=0.0, blank_means="none"),
        Column("max_units", "Most units over the horizon", unit="units", at_least=0, example=2),
        Column("whole_units", "Whether only whole units can be built", "yes/no", example="yes"),
        Column("capex", "Cost of one unit, paid at the start of the period in which building starts", unit="million USD per unit", at_least=0, series=True, hint="Write 0 where others pay.", example=900),
        Column("earliest", "First period in which building can start", "period", blank=None, blank_means="the first period", example="2026"),
        Column("lead_years", "Years from the start of building to use", unit="years", at_least=0, blank=0.0, blank_means="used at once", example=3),
        Column("life_years", "Years of use", unit="years", above=0, example=30),
        Column("funds", "Who pays: one fund, or shares of 100 such as 'fund A 60, fund B 40'", "shares", refers_to=("Funds",), blank=None, blank_means="money without a limit"),
        Column("requires", "Projects that must be built too, to the same share of their max_units", "references", refers_to=("Projects",), blank=None, blank_means="none"),
        SOURCE,
        NOTE,
    ),
)

FUNDS: Final = Table(
    "Funds",
    "Money for projects, undiscounted, of the base year.",
    (
        Column("fund", "Name of the fund", "name", example="joint_fund"),
        Column("budget", "Most over the whole horizon", unit="million USD", at_least=0, unlimited=True, example=300),
        Column("period_budget", "Most in one period; by period through Series", unit="million USD", at_least=0, blank=None, blank_means="no limit by period", series=True),
        Column("owner", "Whose it is", "text", blank=None, blank_means="not stated"),
        SOURCE,
        NOTE,
    ),
)

MEASURES: Final = ("supply", "flow", "delivery")

LIMITS: Final = Table(
    "Limits",
    "Quotas, permits, caps on transit shares and on grades in a blend.",
    (
        Column("limit", "Name of the limit", "name", example="transit_quota"),
        Column("measure", "What is counted", "choice", choices=(*MEASURES, "built"), example="flow"),
        Column("what", "Which of it: a selector", "selector", example="link=makhachkala*;origin=Kazakhstan"),
        Column("of", "Whole of which a share is taken: a selector", "selector", blank=None, blank_means="the limit is a volume"),
        Column("at_most", "Upper limit: a volume (or units built) per year, or a share where 'of' is filled", unit="{limit}", at_least=0, blank=None, blank_means="no upper limit", series=True, example=4),
        Column("at_least", "Lower limit: a volume (or units built) per year, or a share where 'of' is filled", unit="{limit}", at_least=0, blank=None, blank_means="no lower limit", series=True),
        _volume_unit(),
        Column("per", "Whether it holds in each period, each calendar year, or over the horizon", "choice", choices=("period", "year", "horizon"), blank="period", blank_means="each period"),
        *_life("holds"),
        SOURCE,
        NOTE,
    ),
)

SERIES: Final = Table(
    "Series",
    "Values that vary by period: one column per period; a blank falls back to the row's own value.",
    (
        Column("sheet", "Sheet of the value", "text", example="Supply"),
        Column("key", "Name of the row; in Uses link/asset or link/asset/commodity", "text", example="tengiz"),
        Column("column", "Column of the value", "text", example="capacity"),
        SOURCE,
        NOTE,
    ),
    unique=False,
    open_columns=True,
)

SCENARIOS: Final = Table(
    "Scenarios",
    "Variants of the workbook; 'base' is the workbook as it stands.",
    (
        Column("scenario", "Name of the scenario", "name", example="low_price"),
        Column("description", "What it stands for", "text", blank=None, example="Brent ten dollars lower"),
        Column("based_on", "Scenario whose changes apply first", "reference", refers_to=("Scenarios",), blank=None, blank_means="the workbook as it stands"),
        Column("run", "Whether a plain run solves it", "yes/no", example="yes"),
        Column("probability", "How likely it is, for a plan that survives; those of the scenarios marked run add up to 1", unit="share", at_least=0, at_most=1, blank=None, blank_means="no probabilities, which then no scenario has", example=0.3),
        SOURCE,
        NOTE,
    ),
)

CHANGE_KINDS: Final = ("set", "add", "multiply")

CHANGES: Final = Table(
    "Changes",
    "What each scenario changes, applied from top to bottom.",
    (
        Column("scenario", "The scenario", "reference", refers_to=("Scenarios",), example="low_price"),
        Column("sheet", "Sheet of the value", "text", example="Markers"),
        Column("key", "Row or rows: a name, with * as wildcard", "text", example="Brent"),
        Column("column", "Column of the value", "text", example="value"),
        Column("period", "A period, or a range such as 2026..2030", "periods", blank=None, blank_means="all periods"),
        Column("change", "What is done with the value", "choice", choices=CHANGE_KINDS, example="add"),
        Column("value", "The number (or, for opens and closes, the period) that is set, added or multiplied with", "value", example=-10),
        SOURCE,
        NOTE,
    ),
    unique=False,
)

RANGES: Final = Table(
    "Ranges",
    "How far inputs may vary in batches: python run.py sweep.",
    (
        Column("range", "Name of the range", "name", example="Brent price"),
        Column("sheet", "Sheet of the value", "text", example="Markers"),
        Column("key", "Row or rows: a name, with * as wildcard", "text", example="Brent"),
        Column("column", "Column of the value", "text", example="value"),
        Column("period", "A period, or a range such as 2026..2030", "periods", blank=None, blank_means="all periods"),
        Column("change", "What is done with the value: it is set to, raised by, or multiplied with what low and high give", "choice", choices=CHANGE_KINDS, example="multiply"),
        Column("low", "Lowest value; with normal and lognormal the value that one case in twenty falls short of (5 % quantile)", blank=None, blank_means="the lowest of 'values'", example=0.7),
        Column("high", "Highest value; with normal and lognormal the value that one case in twenty exceeds (95 % quantile)", blank=None, blank_means="the highest of 'values'", example=1.3),
        Column("distribution", "How values are spread: uniform (all alike), triangular (likeliest at 'likely'), normal and lognormal (through low and high; values beyond their 0.1 % and 99.9 % quantiles are drawn as these), choice (those of 'values', each alike)", "choice", choices=("uniform", "triangular", "normal", "lognormal", "choice"), blank="uniform"),
        Column("likely", "Triangular: the likeliest value", blank=None, blank_means="half-way between low and high"),
        Column("values", "Choice: the values, separated by ; (one that stands there twice comes up twice as often)", "text", blank=None, blank_means="low and high", hint="Write 10; 12.5; 20."),
        Column("group", "Ranges of one group move together, low with low and high with high: they count as one input", "text", blank=None, blank_means="moves alone"),
        Column("correlated", "Rank correlations with other ranges or groups, in samples: names with numbers between -1 and 1", "text", blank=None, blank_means="independent of all others", hint="Write Brent 0.7, TTF -0.2."),
        SOURCE,
        NOTE,
    ),
)

OBSERVED: Final = Table(
    "Observed",
    "Recorded outcomes: compared with the result, never fed to the model.",
    (
        Column("observed", "Name of the record", "name", example="cpc_2023"),
        Column("measure", "What is counted", "choice", choices=MEASURES, example="flow"),
        Column("what", "Which of it: a selector", "selector", example="link=cpc;origin=Kazakhstan"),
        Column("period", "The period", "period", example="2026"),
        Column("value", "Recorded volume", unit="{volume}", at_least=0, example=56),
        _volume_unit(),
        SOURCE,
        NOTE,
    ),
)

SOURCES: Final = Table(
    "Sources",
    "Where numbers come from.",
    (
        Column("source", "Short name, used in the column 'source' of other sheets", "name", example="KMG 2024"),
        Column("citation", "Publication, page, date", "text", example="KMG Annual Report 2024, midstream chapter"),
        Column("date", "Date of the publication", "text", blank=None),
        Column("kind", "How it was obtained: found, remembered, derived, assumed …", "text", blank=None, example="found"),
        NOTE,
    ),
)

SHEETS: Final[dict[str, Table]] = {
    table.sheet: table
    for table in (
        SETTINGS_TABLE, PERIODS, CURRENCIES, COMMODITIES, NODES, MARKERS, SUPPLY, DEMAND, LINKS, ASSETS, USES, FLEETS,
        STORAGE, CONTRACTS, PROJECTS, FUNDS, LIMITS, SERIES, SCENARIOS, CHANGES, RANGES, OBSERVED, SOURCES,
    )
}  # fmt: skip

COMPOSITE_KEYS: Final = {"Uses": ("link", "asset", "commodity"), "Series": ("sheet", "key", "column")}
