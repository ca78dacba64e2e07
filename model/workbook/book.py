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


@contextmanager
def new_book(path: Path, title: str) -> Iterator[Any]:
    """A workbook that is written to a path when the block ends; not where it ends with an exception.

    What it needs on the way lies in the same folder, so that one clearing of that folder removes all of it.

    Raises
    ------
    OSError
        Where it cannot be written: the disk is full, or the file is open in Excel.
    """
    book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent)})
    book.set_properties({"title": title, "created": _CREATED})
    yield book
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise error.args[0] from error
    except xlsxwriter.exceptions.XlsxWriterException as error:
        raise OSError(str(error)) from error
