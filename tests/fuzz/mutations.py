"""Ways to spoil a workbook, cell by cell and row by row; each says what must come of it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.fuzz.books import Book, Formula, Raw, Sheet
from tests.fuzz.chance import Chance

# same: read as before; differs: an error, or another case than before; any: an error, or any result that closes
Expected = Literal["same", "differs", "any"]

NUMBERS: Final = (
    0, -1, 1, 1e-300, 5e-324, 1e300, 1.7e308, -1e308, 2**53 + 1, 10**30, 0.1 + 0.2, 3.5, 100, 1e6, 365, 2026, 1e-9,
    Raw("NaN"), Raw("INF"), Raw("1E+999"), Raw("-1E+999"), Raw("0x10"), Raw("1_000"), Raw("１２"),
)  # fmt: skip
TEXTS: Final = (
    "", " ", "\u00a0", "\u200b", "-", "–", "n/a", "N/A", "nan", "inf", "unlimited", "Unlimited ", "initial", "1/12",
    "1/0", "12", "12 USD", "1,5", "1.234,5", "1e5", "１２", "١٢", "½", "10%", "*", "l*", "?", "~*", "%", "_", "=",
    "=x", "'", '"', "\\", "a;b", "a,b", "a:b", "a@b", "a/b", "a..b", "a > b", ">", ",", ";", "x=y", "link=*",
    "тенгиз", "哈萨克斯坦", "قازاقستان", "🛢", "e\u0301", "\u202ex", "a\nb", "a\tb", "\x01", "x" * 300, "yes", "no",
    "TRUE", "base", "None", "nan 60, x 40", "A 0", "A -5, B 105", "A 70, A 30", "A 70 B 30",
)  # fmt: skip
SPANS: Final = (
    "2026",
    "1999",
    "2026..2030",
    "2030..2026",
    "2026..",
    "..",
    "2026H1..2027",
    "2026 .. 2027",
    2026,
    2027.0,
)
UNITS: Final = (
    "Mt", "kt", "kb/d", "mb/d", "bcm", "mcm/d", "TWh", "PJ", "mt", "KB/D", "t", "USD/t", "USD/bbl", "EUR/MWh",
    "usd/bbl", "XXX/t", "USD/", "/t", "USD/t/100km", "EUR/MWh/1000km", "USD/1000m³", "USD / bbl", "USD/bbl/km",
)  # fmt: skip
ODD: Final = (
    True, False, dt.datetime(2026, 1, 1), dt.datetime(1900, 1, 1), dt.time(12), Formula("=1/0", "#DIV/0!"),
    Formula("=A999999", "#REF!"), Formula("=NA()", "#N/A"), Formula("=1+1", 2), Formula("=1+1", None),
    Formula('="a"', "a"), Formula("=[1]x!A1", 3),
)  # fmt: skip
OWN_ORDER: Final = ("periods", "changes")  # sheets whose rows stand in an order that means something


@dataclass(frozen=True)
class Mutation:
    """What was done, and what must come of it."""

    what: str
    expected: Expected


def mutate(book: Book, draw: Chance) -> Mutation:
    """Spoil the book in one way."""
    kind = draw.one((_cell,) * 6 + (_layout,) * 3 + (_harmless,) * 2)
    return kind(book, draw)


def _place(book: Book, draw: Chance) -> tuple[Sheet, int, int, str]:
    sheet = draw.one(book.sheets)
    column, name = draw.one(sheet.columns())
    return sheet, draw.one(sheet.rows()), column, name


def _cell(book: Book, draw: Chance) -> Mutation:
    """Another value in one cell, filled or blank."""
    sheet, row, column, name = _place(book, draw)
    while len(sheet.grid[row]) <= column:
        sheet.grid[row].append(None)
    old = sheet.grid[row][column]
    new = _value(sheet, draw, column, old)
    sheet.grid[row][column] = new
    place = f"{sheet.title} row {row + 1}, {name}: {old!r} -> {new!r}"
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (old, new))
    differs = numbers and float(old) != float(new) and not _is_free(book, sheet, row, name)
    return Mutation(place, "differs" if differs else "any")


def _is_free(book: Book, sheet: Sheet, row: int, name: str) -> bool:
    """Whether a cell explains only, or every period has a number of its own on the sheet Series."""
    if name in ("source", "note", "date"):
        return True
    series = next((one for one in book.sheets if one.table and one.table.sheet == "Series"), None)
    key = sheet.grid[row][0]
    rows = series.grid if series else []
    return any(cells[1] == key and str(cells[2]).lower() == name for cells in rows if len(cells) > 2)


def _value(sheet: Sheet, draw: Chance, column: int, old: Any) -> Any:
    others = [row[column] for row in sheet.grid[sheet.header + 1 :] if len(row) > column]
    pools: tuple[Callable[[], Any], ...] = (
        lambda: None,
        lambda: draw.one(NUMBERS),
        lambda: draw.one(TEXTS),
        lambda: draw.one(SPANS),
        lambda: draw.one(UNITS),
        lambda: draw.one(ODD),
        lambda: draw.one(others),
        lambda: draw.one([v for row in sheet.grid[sheet.header :] for v in row]),
        lambda: _bent(draw, old),
        lambda: _bent(draw, old),
        lambda: _bent(draw, old),
    )
    return draw.one(pools)()


def _bent(draw: Chance, old: Any) -> Any:
    """The value, changed a little."""
    if isinstance(old, bool) or old is None:
        return not old
    if isinstance(old, int | float):
        return draw.one(
            (
                old * 10,
                old / 10,
                -old,
                old * 1000,
                old * (1 + 1e-9),
                old + 1,
                str(old),
                f"{old} ",
                f"{old}€",
                0,
                old / 3,
            )
        )
    text = str(old)
    return draw.one(
        (text.upper(), text + "x", text[:-1], text.replace("a", "а"), text * 2, f"{text}, {text}", f"{text}*", text[::-1],
         f"{text} > {text}", f"{text} 50", f"{text};{text}", unicodedata.normalize("NFD", text) + "\u0301")
    )  # fmt: skip


def _layout(book: Book, draw: Chance) -> Mutation:
    """Rows, columns, headers and sheets deleted, doubled, renamed."""
    sheet = draw.one(book.sheets)
    row, (column, name) = draw.one(sheet.rows()), draw.one(sheet.columns())
    what = draw.one(("row gone", "row twice", "column gone", "column twice", "header", "sheet gone", "sheet title",
                     "header gone", "values one column on", "columns swapped without headers", "stray"))  # fmt: skip
    grid, head = sheet.grid, sheet.grid[sheet.header]
    if what == "row gone":
        del grid[row]
    elif what == "row twice":
        grid.insert(row, list(grid[row]))
    elif what in ("column gone", "column twice"):
        for cells in grid[sheet.header :]:
            if len(cells) > column:
                cells[column : column + 1] = [] if what == "column gone" else [cells[column]] * 2
    elif what == "header":
        text = str(head[column])
        head[column] = draw.one(
            (text + "s", text[:-1], None, 7, "capacity", f"{text}?", f"_{text}", "2026", dt.datetime(2026, 1, 1))
        )
    elif what == "sheet gone":
        book.sheets.remove(sheet)
    elif what == "sheet title":
        sheet.title = draw.one((sheet.title + "s", sheet.title[:-1], f"_{sheet.title}", f"#{sheet.title}", "Sheet1"))
    elif what == "header gone":
        del grid[sheet.header]
    elif what == "values one column on":
        grid[row].insert(column, None)
    elif what == "columns swapped without headers":
        other, _ = draw.one(sheet.columns())
        for cells in grid[sheet.header + 1 :]:
            if len(cells) > max(column, other):
                cells[column], cells[other] = cells[other], cells[column]
    else:
        grid[row] = [*grid[row], *[None] * (len(head) - len(grid[row])), draw.one((*NUMBERS, *TEXTS))]
    return Mutation(f"{sheet.title}: {what} (row {row + 1}, {name})", "any")


def _harmless(book: Book, draw: Chance) -> Mutation:
    """What a user may do without changing anything."""
    sheet = draw.one(book.sheets)
    grid, head = sheet.grid, sheet.grid[sheet.header]
    what = draw.one(("rows shuffled", "columns shuffled", "sheets shuffled", "blank row", "title above", "case of headers",
                     "own column", "note below", "spaces", "case of title"))  # fmt: skip
    if what == "rows shuffled" and sheet.title.casefold() not in OWN_ORDER:
        rows = grid[sheet.header + 1 :]
        draw.random.shuffle(rows)
        grid[sheet.header + 1 :] = rows
    elif what == "columns shuffled":
        width = max(map(len, grid))
        order = list(range(1, width))
        draw.random.shuffle(order)
        for i, cells in enumerate(grid[sheet.header :], sheet.header):
            full = [*cells, *[None] * (width - len(cells))]
            grid[i] = [full[0], *(full[j] for j in order)]
    elif what == "sheets shuffled":
        draw.random.shuffle(book.sheets)
    elif what == "blank row":
        grid.insert(draw.one(sheet.rows()), [])
    elif what == "title above" and sheet.header < 5:
        grid.insert(0, ["Made up for a test"])
        sheet.header += 1
    elif what == "case of headers":
        head[:] = [f" {v.upper()}\u00a0" if isinstance(v, str) and not v[:1].isdigit() else v for v in head]
    elif what == "own column":
        width = max(map(len, grid))
        for i, cells in enumerate(grid[sheet.header :]):
            cells += [*[None] * (width - len(cells)), "_mine" if i == 0 else 12]
    elif what == "note below":
        grid += [[], [None, None, *[None] * len(head), "a note of the user's own"]]
    elif what == "case of title":
        sheet.title = sheet.title.upper()
    elif what == "spaces":
        row, (column, _) = draw.one(sheet.rows()), draw.one(sheet.columns())
        if len(grid[row]) > column and isinstance(grid[row][column], str):
            grid[row][column] = f"\u00a0 {grid[row][column]}\u202f"
    return Mutation(f"{sheet.title}: {what}", "same")
