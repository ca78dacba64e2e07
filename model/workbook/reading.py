"""From a workbook, or the same tables in memory, to a checked case."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.case import Case
from model.workbook.checks import validate
from model.workbook.reader import raw_from_tables, read_workbook


def read_case(source: str | Path | Mapping[str, Any]) -> Case:
    """Read and check a workbook, or the same tables from memory (sheet name -> DataFrame or list of dicts).

    Raises
    ------
    WorkbookError
        With every fault of the workbook, each with its cell.
    UsageError
        Where the file cannot be read as a workbook.
    """
    raw = raw_from_tables(source) if isinstance(source, Mapping) else read_workbook(source)
    return validate(raw)
