"""A workbook's file before it is parsed: whether it is one, and whether reading it is safe and soon done.

A workbook is a zip of XML parts. What is checked here costs one pass over its bytes: how far it unpacks, whether each
part is whole, that none declares entities, and up to which row each sheet holds values.
"""

from __future__ import annotations

import io
import re
import xml.parsers.expat
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from model.errors import UsageError
from model.workbook.marks import Marks
from model.workbook.names import nearest_file

MOST_BYTES: Final = 200_000_000
MOST_PACKED: Final = 60_000_000
MOST_PARTS: Final = 5_000
MOST_RATIO: Final = 120  # Excel's own most repetitive sheets reach 40; deflate cannot exceed 1032
MOST_TEXT_BYTES: Final = 60_000_000  # texts are held in memory all at once
MOST_STYLE_BYTES: Final = 10_000_000
MOST_RULE_BYTES: Final = 4_000_000
MOST_BLANK_CELLS: Final = 150_000
_SMALL: Final = 1_000_000
_CHUNK: Final = 1 << 18
_OLD_FORMAT: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHEETS: Final = "xl/worksheets/"
_ENTRY: Final = b"PK\x01\x02"
_NOT_EXCEL: Final = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<table", "a web page"),
    (b"<?xml", "an XML file"),
    (b"%pdf", "a PDF"),
    (b'{"url"', "a link to an online sheet"),
)
_OTHER_PARTS: Final = (
    ("META-INF/manifest.xml", "an OpenDocument file"),
    ("Index/", "a Numbers document"),
    ("Index.zip", "a Numbers document"),
)
_STRICT: Final = b"http://purl.oclc.org/ooxml/"
_ROW_OR_VALUE: Final = re.compile(
    rb"<(?:\w+:)?(?:row\b[^>]*?\sr=\"(\d+)\"|(c)(?:[^>]*?\sr=\"([A-Z]+))?[^>]*>|(v|is|f)[ >])"
)
_FAR_ROW: Final = re.compile(rb"\sr=\"[A-Z]*\d{6,}\"")
_LAST_COLUMN: Final = (3, b"DKJ")  # the 3000th: what stands further out is not read
DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


@dataclass
class Archive:
    """The bytes of a workbook that passed.

    By part, ``last_row`` gives the last row with a value of large sheets, ``marks`` the hidden rows and merged cells.
    """

    data: bytes
    last_row: dict[str, int] = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=dict)


def open_archive(path: Path) -> Archive:
    """The bytes of a file that is a workbook and safe to read.

    Raises
    ------
    UsageError
        Where the file is missing, is no workbook, is locked by a password, is damaged or unpacks to too much.
    """
    data = _bytes(path)
    _check_kind(path, data)
    found = Archive(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_parts(path, archive)
            for item in archive.infolist():
                _check_part(path, archive, item, found)
    except DAMAGED as error:
        what = f"{type(error).__name__}: {error}"
        message = f"{path.name} is not an Excel workbook (.xlsx or .xlsm), or it is damaged ({what})."
        raise UsageError(message) from None
    return found


def _bytes(path: Path) -> bytes:
    if path.name.startswith("~$"):
        message = f"{path.name} is Excel's own lock file, not the workbook; the workbook is {path.name[2:]}."
        raise UsageError(message)
    if path.is_dir():
        raise UsageError(f"{path} is a folder; give the path of a workbook in it.")
    if path.suffix.lower() in (".csv", ".txt", ".tsv"):
        raise UsageError(f"{path.name} is a text file; a workbook (.xlsx or .xlsm) is needed.")
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no ordinary file; a workbook (.xlsx or .xlsm) is needed.")
        if path.exists() and path.stat().st_size > MOST_PACKED:
            size = path.stat().st_size / 1e6
            raise UsageError(f"{path.name} has {size:,.0f} MB; at most {MOST_PACKED / 1e6:,.0f} MB are read.")
        return path.read_bytes()
    except FileNotFoundError:
        near = nearest_file(path)
        raise UsageError(f"There is no file {path}." + (f" Nearest: {near}." if near else "")) from None
    except ValueError:
        raise UsageError("A path cannot hold a null character.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be read ({reason}). If it is open in Excel, close it there.") from error


def _check_kind(path: Path, data: bytes) -> None:
    if data.startswith(_OLD_FORMAT):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UsageError(f"{path.name} is protected by a password; remove it in Excel (File, Info) and save.")
        raise UsageError(f"{path.name} is in the format of Excel 97; save it as .xlsx.")
    start = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    for mark, what in _NOT_EXCEL:
        if start.startswith(mark):
            raise UsageError(f"{path.name} is {what}, not an Excel workbook; open it and save or export it as .xlsx.")
    if data.count(_ENTRY) > MOST_PARTS:
        raise UsageError(f"{path.name} is a zip file of more than {MOST_PARTS:,} parts, which no workbook has.")


def _check_parts(path: Path, archive: zipfile.ZipFile) -> None:
    items = archive.infolist()
    names = [item.filename for item in items]
    if "xl/workbook.bin" in names:
        raise UsageError(f"{path.name} is a binary workbook; save it as .xlsx.")
    kind = next((what for mark, what in _OTHER_PARTS if any(name.startswith(mark) for name in names)), None)
    if kind is not None:
        raise UsageError(f"{path.name} is {kind}, not an Excel workbook; open it and export it as .xlsx.")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise UsageError(f"{path.name} is not an Excel workbook (.xlsx or .xlsm).")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{path.name} cannot be read as a workbook: its part {twice!r} is there twice.")
    size = sum(item.file_size for item in items)
    if size > MOST_BYTES:
        message = f"{path.name} unpacks to {size / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:,.0f} MB are read."
        raise UsageError(message)
    for item in items:
        ratio = item.file_size / max(item.compress_size, 1)
        if item.file_size > _SMALL and ratio > MOST_RATIO:
            message = f"{path.name}: its part {item.filename!r} unpacks to {ratio:,.0f} times its size"
            raise UsageError(f"{message}, which no workbook of data does.")
        most = {"sharedStrings.xml": MOST_TEXT_BYTES, "styles.xml": MOST_STYLE_BYTES}.get(Path(item.filename).name)
        if most is not None and item.file_size > most:
            message = f"{path.name}: its part {item.filename!r} has {item.file_size / 1e6:,.0f} MB"
            raise UsageError(f"{message}; at most {most / 1e6:,.0f} MB are read.")


def _check_part(path: Path, archive: zipfile.ZipFile, item: zipfile.ZipInfo, found: Archive) -> None:
    """Unpack one part, which proves it whole; look at its first tags and, in a large sheet, at its rows."""
    prolog = _Prolog(path, item.filename) if item.filename.endswith((".xml", ".rels", ".vml")) else None
    rows = _Rows() if _is_long(archive, item) else None
    marks = Marks() if item.filename.startswith(_SHEETS) else None
    with archive.open(item) as part:
        while chunk := part.read(_CHUNK):
            if prolog is not None:
                prolog.feed(chunk)
            if rows is not None:
                rows.feed(chunk)
            if marks is not None:
                marks.feed(chunk)
    if marks is not None:
        found.marks[item.filename] = marks
        rules = sum(one.rules for one in found.marks.values())
        if rules > MOST_RULE_BYTES:
            message = (
                f"{path.name}: its sheets hold {rules / 1e6:,.0f} MB of merged cells, links, drop-downs and formats"
            )
            remedy = "In Excel, unmerge cells and clear the rules (Home, Conditional Formatting, Clear Rules)"
            raise UsageError(f"{message}; at most {MOST_RULE_BYTES / 1e6:,.0f} MB are read. {remedy} and save.")
    if rows is None:
        return
    if rows.blank_cells - rows.trailing > MOST_BLANK_CELLS and rows.blank_cells > rows.values:
        message = f"{path.name}: its part {item.filename!r} holds {rows.blank_cells:,} formatted cells without a value."
        remedy = "In Excel, select the empty rows of the largest sheet, delete them (Home, Delete) and save."
        raise UsageError(f"{message} {remedy}")
    found.last_row[item.filename] = rows.last


def _is_long(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bool:
    """Whether a part is a sheet that is large, or small with a cell far below."""
    if not item.filename.startswith(_SHEETS):
        return False
    with archive.open(item) as part:  # read() without a size would unpack what a part hides behind a small one
        return item.file_size > _SMALL or _FAR_ROW.search(part.read(_SMALL)) is not None


class _Prolog:
    """Reads a part's XML up to its first tag."""

    def __init__(self, path: Path, name: str) -> None:
        self._message = f"{path.name} cannot be read as a workbook: its part {name!r}"
        self._file = path.name
        self._parser: xml.parsers.expat.XMLParserType | None = xml.parsers.expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._begun
        self._begun_yet = False

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        if self._parser is None:
            return
        if _STRICT in chunk[:4096]:
            message = f"{self._file} is a strict Open XML workbook, which cannot be read; save it as Excel Workbook."
            raise UsageError(message)
        try:
            self._parser.Parse(chunk)
        except xml.parsers.expat.ExpatError as error:
            if not self._begun_yet:  # what follows is the reader's to judge
                raise UsageError(f"{self._message} is no XML ({error}).") from None
        if self._begun_yet:
            self._parser = None

    def _doctype(self, *_: object) -> None:
        raise UsageError(f"{self._message} declares a document type, which no workbook does.")

    def _begun(self, *_: object) -> None:
        self._begun_yet = True


class _Rows:
    """Counts the cells of a large sheet and finds the last row with a value."""

    def __init__(self) -> None:
        self.last = 0
        self.values = 0
        self.blank_cells = 0
        self.trailing = 0  # cells since the last value
        self._row = 0
        self._open = False
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """The next bytes; a tag that they cut off waits for the bytes after them."""
        data = self._rest + chunk
        cut = data.rfind(b"<")
        self._rest = data[cut:] if cut >= 0 and len(data) - cut < 4096 else b""
        for row, cell, letters, value in _ROW_OR_VALUE.findall(data[: len(data) - len(self._rest)]):
            if row or cell:
                self._row = int(row[:9]) if row else self._row
                self.blank_cells += 1
                self.trailing += 1
                self._open = (len(letters), letters) <= _LAST_COLUMN
            elif value and self._open:
                self._open = False
                self.last = self._row
                self.values += 1
                self.blank_cells -= 1
                self.trailing = 0
