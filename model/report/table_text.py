"""Tables as plain text: tidy CSV files, and aligned columns where the console is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

# what a spreadsheet takes for the start of a formula
FORMULA_MARKS: Final = ("=", "+", "-", "@", "\t", "\r")

_CHUNK: Final = 20_000
LONGEST_TEXT: Final = 32_767  # in one cell of Excel


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, made one that it does not."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_MARKS) else value


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write one table as UTF-8 with the mark by which Excel knows it; a number keeps all its digits."""
    header = ",".join(_quoted(harmless(name)) for name in table.columns)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(f"{header}\n")
        for start in range(0, len(table), _CHUNK):
            part = table.iloc[start : start + _CHUNK]
            columns = [
                spread(part[name], lambda text, _: _quoted(harmless(text)), lambda number, _: repr(number), "")
                for name in part.columns
            ]
            rows = zip(*columns, strict=True)
            file.write("".join([f"{','.join(row)}\n" for row in rows]))


def _quoted(text: str) -> str:
    """A text as CSV has it (RFC 4180): in quotes where it holds a comma, a quote or a line's end."""
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(mark in text for mark in ',"\n\r') else text


def spread(
    column: pd.Series[Any], text: Callable[[str, int], str], number: Callable[[float, int], str], blank: str
) -> Sequence[str]:
    """Each value of a column written out; equal values are written once.

    Parameters
    ----------
    column
        Numbers, or anything else as text.
    text, number
        How a value is written, given it and how often it stands in the column.
    blank
        For NaN and None.
    """
    import numpy as np
    import pandas as pd

    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    codes, uniques = pd.factorize(column.to_numpy() if numeric else column)
    counts = np.bincount(codes[codes >= 0], minlength=len(uniques)).tolist()
    if numeric:
        written = [number(value, count) for value, count in zip(uniques.tolist(), counts, strict=True)]
    else:
        written = [text(str(value), count) for value, count in zip(uniques, counts, strict=True)]
    # NaN has the code -1: the last
    found: list[str] = np.array([*written, blank], dtype=object)[codes].tolist()
    return found


def file_name(table: str) -> str:
    """Name of a table's CSV file: ``Contract balance`` -> ``contract_balance.csv``."""
    return f"{table.lower().replace(' ', '_')}.csv"


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1) -> list[str]:
    """Lines of a table in plain text: the first columns to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            c.ljust(w) if i < text_columns else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(padded).rstrip()

    return [line(header), *map(line, rows)]
