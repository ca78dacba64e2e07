"""Tables as plain text: tidy CSV files, and aligned columns where the console is no terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

# what a spreadsheet takes for the start of a formula
FORMULA_MARKS: Final = ("=", "+", "-", "@", "\t", "\r")

LONGEST_TEXT: Final = 32_767  # in one cell of Excel


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, made one that it does not."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_MARKS) else value


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write one table as UTF-8 with the mark by which Excel knows it; a number keeps all its digits."""
    import pandas as pd

    columns = {}
    for name in table.columns:
        column = table[name]
        if not pd.api.types.is_numeric_dtype(column):
            codes, uniques = pd.factorize(column, use_na_sentinel=False)
            column = pd.Series([harmless(value) for value in uniques], dtype=object).take(codes).set_axis(table.index)
        columns[harmless(name)] = column
    pd.DataFrame(columns, index=table.index).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


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
