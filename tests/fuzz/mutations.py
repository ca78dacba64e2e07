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
    others = (text.upper(), text + "x", text[:-1], text.replace("a", "а"), text * 2, text[::-1], f"{text}, {text}")
    more = (
        f"{text}*",
        f"{text} > {text}",
        f"{text} 50",
        f"{text};{text}",
        unicodedata.normalize("NFD", text) + "\u0301",
    )
    return draw.one((*others, *more))


def _layout(book: Book, draw: Chance) -> Mutation:
    """Rows, columns, headers and sheets deleted, doubled, renamed."""
    sheet = draw.one(book.sheets)
    row, (column, name) = draw.one(sheet.rows()), draw.one(sheet.columns())
    what = draw.one(tuple(_LAYOUTS))
    _LAYOUTS[what](book, sheet, (row, column), draw)
    return Mutation(f"{sheet.title}: {what} (row {row + 1}, {name})", "any")


def _columns(sheet: Sheet, change: Callable[[list[Any]], object], column: int, first: int = 0) -> None:
    for cells in sheet.grid[sheet.header + first :]:
        if len(cells) > column:
            change(cells)


def _swap(sheet: Sheet, column: int, other: int) -> None:
    def swapped(cells: list[Any]) -> None:
        cells[column], cells[other] = cells[other], cells[column]

    _columns(sheet, swapped, max(column, other), 1)


def _head(sheet: Sheet, column: int, draw: Chance) -> None:
    text = str(sheet.grid[sheet.header][column])
    new = (f"{text}s", text[:-1], None, 7, "capacity", f"{text}?", f"_{text}", "2026", dt.datetime(2026, 1, 1))
    sheet.grid[sheet.header][column] = draw.one(new)


def _title(sheet: Sheet, draw: Chance) -> None:
    text = sheet.title
    sheet.title = draw.one((f"{text}s", text[:-1], f"_{text}", f"#{text}", "Sheet1"))


def _stray(sheet: Sheet, row: int, draw: Chance) -> None:
    blank = len(sheet.grid[sheet.header]) - len(sheet.grid[row])
    sheet.grid[row] += [*[None] * blank, draw.one((*NUMBERS, *TEXTS))]


Place = tuple[int, int]
_LAYOUTS: Final[dict[str, Callable[[Book, Sheet, Place, Chance], object]]] = {
    "row gone": lambda _, sheet, at, __: sheet.grid.pop(at[0]),
    "row twice": lambda _, sheet, at, __: sheet.grid.insert(at[0], list(sheet.grid[at[0]])),
    "column gone": lambda _, sheet, at, __: _columns(sheet, lambda cells: cells.pop(at[1]), at[1]),
    "column twice": lambda _, sheet, at, __: _columns(sheet, lambda cells: cells.insert(at[1], cells[at[1]]), at[1]),
    "columns swapped below headers": lambda _, sheet, at, draw: _swap(sheet, at[1], draw.one(sheet.columns())[0]),
    "header": lambda _, sheet, at, draw: _head(sheet, at[1], draw),
    "header gone": lambda _, sheet, __, ___: sheet.grid.pop(sheet.header),
    "sheet gone": lambda book, sheet, _, __: book.sheets.remove(sheet),
    "sheet renamed": lambda _, sheet, __, draw: _title(sheet, draw),
    "values one column on": lambda _, sheet, at, __: sheet.grid[at[0]].insert(at[1], None),
    "stray": lambda _, sheet, at, draw: _stray(sheet, at[0], draw),
}


def _harmless(book: Book, draw: Chance) -> Mutation:
    """What a user may do without changing anything."""
    sheet, what = draw.one(book.sheets), draw.one(tuple(_HARMLESS))
    _HARMLESS[what](book, sheet, draw)
    return Mutation(f"{sheet.title}: {what}", "same")


def _rows_shuffled(sheet: Sheet, draw: Chance) -> None:
    if sheet.title.casefold() not in OWN_ORDER:
        rows = sheet.grid[sheet.header + 1 :]
        draw.random.shuffle(rows)
        sheet.grid[sheet.header + 1 :] = rows


def _columns_shuffled(sheet: Sheet, draw: Chance) -> None:
    width = max(map(len, sheet.grid))
    order = list(range(1, width))
    draw.random.shuffle(order)
    for i, cells in enumerate(sheet.grid[sheet.header :], sheet.header):
        full = [*cells, *[None] * (width - len(cells))]
        sheet.grid[i] = [full[0], *(full[j] for j in order)]


def _title_above(sheet: Sheet) -> None:
    if sheet.header < 5:
        sheet.grid.insert(0, ["Made up for a test"])
        sheet.header += 1


def _headers_in_capitals(sheet: Sheet) -> None:
    head = sheet.grid[sheet.header]
    head[:] = [f" {v.upper()}\u00a0" if isinstance(v, str) and not v[:1].isdigit() else v for v in head]


def _own_column(sheet: Sheet) -> None:
    width = max(map(len, sheet.grid))
    for i, cells in enumerate(sheet.grid[sheet.header :]):
        cells += [*[None] * (width - len(cells)), "_mine" if i == 0 else 12]


def _spaces(sheet: Sheet, draw: Chance) -> None:
    row, (column, _) = draw.one(sheet.rows()), draw.one(sheet.columns())
    if len(sheet.grid[row]) > column and isinstance(sheet.grid[row][column], str):
        sheet.grid[row][column] = f"\u00a0 {sheet.grid[row][column]}\u202f"


_HARMLESS: Final[dict[str, Callable[[Book, Sheet, Chance], object]]] = {
    "rows shuffled": lambda _, sheet, draw: _rows_shuffled(sheet, draw),
    "columns shuffled": lambda _, sheet, draw: _columns_shuffled(sheet, draw),
    "sheets shuffled": lambda book, _, draw: draw.random.shuffle(book.sheets),
    "blank row": lambda _, sheet, draw: sheet.grid.insert(draw.one(sheet.rows()), []),
    "title above": lambda _, sheet, __: _title_above(sheet),
    "headers in capitals": lambda _, sheet, __: _headers_in_capitals(sheet),
    "own column": lambda _, sheet, __: _own_column(sheet),
    "note below": lambda _, sheet, __: sheet.grid.extend(
        [[], [*[None] * (2 + len(sheet.grid[sheet.header])), "a note of the user's own"]]
    ),
    "spaces": lambda _, sheet, draw: _spaces(sheet, draw),
    "title in capitals": lambda _, sheet, __: setattr(sheet, "title", sheet.title.upper()),
}
