"""A workbook to write: the same options everywhere, no clock in it, nothing left behind where writing fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

_CREATED: Final = datetime(2000, 1, 1)  # equal results are equal files
_OPTIONS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_MOST: Final = 3_000_000  # cells of a workbook that is put together in memory: some 200 bytes each


@contextmanager
def new_book(path: Path, title: str, cells: int = 0) -> Iterator[Any]:
    """A workbook that is written to a path when the block ends; not where it ends with an exception.

    One of many ``cells`` is put together from files in the same folder, so that one clearing of it removes them; others
    in memory, which is quicker.

    Raises
    ------
    OSError
        Where it cannot be written: the disk is full, or the file is open in Excel.
    """
    book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "in_memory": cells <= _MOST, "tmpdir": str(path.parent)})
    book.set_properties({"title": title, "created": _CREATED})
    yield book
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise error.args[0] from error
    except xlsxwriter.exceptions.XlsxWriterException as error:
        raise OSError(str(error)) from error
