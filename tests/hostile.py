"""Files that no reader should trust: each with what must be said of it, or that it is read like any other.

python -m tests.hostile FILE OUT      one run on one file in this process, with its seconds and peak memory
"""

from __future__ import annotations

import io
import json
import random
import re
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.tiny import Tables, tiny

ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS, MOST_MB = 5.0, 500.0  # of this process, so that a busy machine is no fault


@dataclass(frozen=True)
class Hostile:
    """A bad file: how it is made from a good workbook, its name, the exit code, and what must be said of it."""

    make: Callable[[bytes], bytes]
    says: str
    code: int = 2
    name: str = "bad.xlsx"


def feasible() -> Tables:
    """The tiny case without the share kept in kind that nobody takes."""
    tables = tiny()
    for row in tables["Links"]:
        row.pop("fee_in_kind", None)
        row.pop("fee_to", None)
    return tables


def good() -> bytes:
    """A small valid workbook."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        for name, rows in feasible().items():
            sheet = book.add_worksheet(name)
            headers = list(dict.fromkeys(header for row in rows for header in row))
            sheet.write_row(0, 0, headers)
            for number, row in enumerate(rows, 1):
                for index, header in enumerate(headers):
                    if row.get(header) is not None:
                        sheet.write(number, index, row[header])
    return stream.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def edited(change: Callable[[dict[str, bytes]], object]) -> Callable[[bytes], bytes]:
    """A maker that changes the parts of the good workbook."""

    def make(data: bytes) -> bytes:
        parts = parts_of(data)
        change(parts)
        return packed(parts)

    return make


def sheet_of(parts: dict[str, bytes], name: str) -> str:
    """The part that holds a sheet of a workbook by XlsxWriter, whose parts are in the order of its sheets."""
    names = re.findall(rb'<sheet name="([^"]+)"', parts["xl/workbook.xml"])
    return f"xl/worksheets/sheet{names.index(name.encode()) + 1}.xml"


def in_sheet(name: str, old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(parts: dict[str, bytes]) -> None:
        part = sheet_of(parts, name)
        assert old in parts[part], (old, parts[part][:500])
        parts[part] = parts[part].replace(old, new, 1)

    return edited(change)


def rows_below(rows: bytes, name: str = "Links") -> Callable[[bytes], bytes]:
    return in_sheet(name, b"</sheetData>", rows + b"</sheetData>")


def formula(name: str, cell: str, text: str, value: str) -> Callable[[bytes], bytes]:
    """A formula with its stored value in place of a number."""

    def change(parts: dict[str, bytes]) -> None:
        part = sheet_of(parts, name)
        new = f'<c r="{cell}"><f>{text}</f><v>{value}</v></c>'.encode()
        parts[part], count = re.subn(rf'<c r="{cell}"[^>]*><v>[^<]*</v></c>'.encode(), lambda _: new, parts[part])
        assert count == 1, cell

    return edited(change)


def filled(size: int, what: bytes = b"<!-- nothing -->") -> bytes:
    return what * (size // len(what))


def entities(parts: dict[str, bytes]) -> None:
    """Ten entities, each ten times the one before."""
    lines = ['<!ENTITY a0 "ha">'] + [f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 11)]
    parts["xl/sharedStrings.xml"] = (
        f'<?xml version="1.0"?><!DOCTYPE sst [{"".join(lines)}]><sst><si><t>&a10;</t></si></sst>'.encode()
    )


def outside_entity(encoding: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        parts["xl/sharedStrings.xml"] = (text + "<sst><si><t>&x;</t></si></sst>").encode(encoding)

    return change


def lying_size(data: bytes) -> bytes:
    """A part that unpacks to 300 MB and says that it has 1000 bytes, in both of its headers."""
    name = b"xl/worksheets/sheet1.xml"
    parts = parts_of(data)
    parts[name.decode()] = filled(300_000_000)
    made = bytearray(packed(parts))
    for mark, offset, at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        place = made.find(mark)
        while made[place + at : place + at + len(name)] != name:
            place = made.find(mark, place + 1)
        struct.pack_into("<I", made, place + offset, 1000)
    return bytes(made)


def many_parts(data: bytes) -> bytes:
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        for number in range(20_000):
            archive.writestr(f"xl/media/{number}", "")
    return stream.getvalue()


def random_text(size: int) -> bytes:
    """Text that hardly packs."""
    return random.Random(0).randbytes(size // 2).hex().encode()


def flipped(data: bytes) -> bytes:
    """One bit inside the packed text of a sheet."""
    at = data.find(b"xl/worksheets/sheet1.xml") + 60
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]


def renamed_sheet(old: str, new: str) -> Callable[[bytes], bytes]:
    def change(parts: dict[str, bytes]) -> None:
        text = parts["xl/workbook.xml"]
        assert f'name="{old}"'.encode() in text
        parts["xl/workbook.xml"] = text.replace(f'name="{old}"'.encode(), f'name="{new}"'.encode())

    return edited(change)


def strict(parts: dict[str, bytes]) -> None:
    for name, data in parts.items():
        parts[name] = data.replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        )


def with_macro(parts: dict[str, bytes]) -> None:
    parts["xl/vbaProject.bin"] = b"Sub Auto_Open()"


def external_link(data: bytes) -> bytes:
    """A price from another workbook on a server, with the link's own part."""
    parts = parts_of(formula("Markers", "C2", "[1]Prices!$B$2", "80")(data))
    parts["xl/externalLinks/externalLink1.xml"] = b'<externalLink xmlns="x"/>'
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="t" Target="http://127.0.0.1:9/prices.xlsx" TargetMode="External"/></Relationships>'
    )
    return packed(parts)


def text_cell(cell: str, text: str) -> bytes:
    return f'<row r="{re.sub("[A-Z]", "", cell)}"><c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c></row>'.encode()


def styled() -> bytes:
    """A million rows that hold a format and nothing else."""
    return b"".join(
        b'<row r="%d" s="1" customFormat="1"><c r="A%d" s="1"/></row>' % (i, i) for i in range(9, 1_000_009)
    )


BLOCKS = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 20_000 + b"</mergeCells>"
FAR = text_cell("XFD1048576", "lost")
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600

FILES: dict[str, Hostile] = {
    "zip bomb: 190 MB of blanks in a sheet": Hostile(lambda d: in_sheet("Links", b"<sheetData>", filled(190_000_000) + b"<sheetData>")(d), "times its size"),
    "zip bomb: 4 GB in twenty parts": Hostile(edited(lambda p: p.update({f"xl/media/{i}": filled(10_500_000) for i in range(20)})), "at most 200 MB are read"),
    "a part that lies about its size": Hostile(lying_size, "damaged"),
    "20 000 parts": Hostile(many_parts, "more than 5,000 parts"),
    "a zip in the zip": Hostile(lambda d: packed({"inner.xlsx": d}), "is not an Excel workbook"),
    "a part that is there twice": Hostile(lambda d: twice(d), "is there twice"),
    "70 MB of texts": Hostile(edited(lambda p: p.update({"xl/sharedStrings.xml": b"<sst>" + b"".join(b"<si><t>%d</t></si>" % i for i in range(3_500_000)) + b"</sst>"})), "at most 60 MB are read"),
    "a file of 70 MB": Hostile(edited(lambda p: p.update({"xl/media/noise": random.Random(0).randbytes(70_000_000)})), "at most 60 MB are read"),
    "XML: entities of entities": Hostile(edited(entities), "declares a document type"),
    "XML: an entity from a file": Hostile(edited(outside_entity("utf-8")), "declares a document type"),
    "XML: the same in UTF-16": Hostile(edited(outside_entity("utf-16")), "declares a document type"),
    "XML: a part that is none": Hostile(edited(lambda p: p.update({"xl/styles.xml": b"\0\1\2"})), "is no XML"),
    "XML: cut off in a sheet": Hostile(edited(lambda p: p.update({sheet_of(p, "Links"): p[sheet_of(p, "Links")][:-200]})), "cannot be read as a workbook"),
    "XML: 100 000 tags in each other": Hostile(rows_below(b"<row>" * 100_000), "cannot be read as a workbook"),
    "a stray cell at XFD1048576": Hostile(rows_below(FAR), "", 0),
    "a stray cell at XFD1048576 on every sheet": Hostile(edited(lambda p: p.update({n: d.replace(b"</sheetData>", FAR + b"</sheetData>") for n, d in p.items() if n.startswith("xl/worksheets/sheet")})), "", 0),
    "a value at A1048576": Hostile(rows_below(text_cell("A1048576", "far")), "Links!"),
    "a row number beyond Excel's": Hostile(rows_below(text_cell("A99999999999", "far")), "cannot be read as a workbook"),
    "declared dimensions A1:XFD1048576": Hostile(edited(lambda p: p.update({n: re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1:XFD1048576"/>', d) for n, d in p.items()})), "", 0),
    "1 000 000 styled empty rows": Hostile(lambda d: rows_below(styled())(d), "", 0),
    "1 000 000 styled empty rows above a value": Hostile(lambda d: rows_below(styled() + text_cell("A1048576", "far"))(d), "formatted cells without a value"),
    "a header of 16 384 columns": Hostile(in_sheet("Sources", b"</c></row>", b"</c>" + b"<c><v>1</v></c>" * 16_382 + b"</row>"), "and 2798 more"),
    "a link to another workbook": Hostile(external_link, "Markers!C2: a formula takes this from another workbook", 0),
    "a formula that calls a web service": Hostile(formula("Markers", "C2", "WEBSERVICE(&quot;http://127.0.0.1:9/&quot;)", "80"), "from another service", 0),
    "a formula that starts a programme": Hostile(formula("Markers", "C2", "cmd|&apos;/C calc&apos;!A0", "80"), "from another programme", 0),
    "macros": Hostile(edited(with_macro), "", 0, "bad.xlsm"),
    "a formula that refers to itself": Hostile(formula("Markers", "C2", "C2+1", "0"), "It hangs on its own result: Markers!C2 → Markers!C2."),
    "circular formulas over two sheets": Hostile(lambda d: formula("Supply", "D2", "Links!G2*2", "0")(formula("Links", "G2", "SUM(Supply!D2:D9)", "0")(d)), "It hangs on its own result: Links!G2 → Supply!D2 → Links!G2."),
    "a name of 32 767 characters": Hostile(rows_below(text_cell("A90", "x" * 32_767), "Nodes"), "It is longer than 200 characters."),
    "a note of 32 767 characters": Hostile(rows_below(text_cell("A90", "far away") .replace(b"</row>", text_cell("B90", "x" * 32_767)[len(b'<row r="90">'):]), "Sources"), "", 0),
    "a title of 32 767 characters": Hostile(lambda d: title(d, "x" * 32_767), "at most 200 characters"),
    "control characters in a text": Hostile(lambda d: title(d, "a\x85[2J"), "control characters (U+0085)"),
    "control characters in XML": Hostile(lambda d: title(d, "\x1b[2J"), "cannot be read as a workbook"),
    "sheets of one name in other case": Hostile(renamed_sheet("Uses", "LINKS"), "stands there a second time, beside"),
    "sheets of one name with a space": Hostile(renamed_sheet("Uses", "Links "), "stands there a second time, beside"),
    "cut in half": Hostile(lambda d: d[: len(d) // 2], "is not an Excel workbook"),
    "without its last 30 bytes": Hostile(lambda d: d[:-30], "is not an Excel workbook"),
    "one bit flipped": Hostile(flipped, "it is damaged"),
    "zeros in the middle": Hostile(lambda d: d[:3000] + bytes(2000) + d[5000:], "damaged"),
    "empty": Hostile(lambda _: b"", "is not an Excel workbook"),
    "a .csv renamed .xlsx": Hostile(lambda _: b"link,from,to\npipe,a,b\n", "is not an Excel workbook"),
    "random bytes": Hostile(lambda _: random_text(100_000), "is not an Excel workbook"),
    "protected by a password": Hostile(lambda _: OLD + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "an old .xls": Hostile(lambda _: OLD, "in the format of Excel 97", name="bad.xls"),
    "an old .xls renamed .xlsx": Hostile(lambda _: OLD, "in the format of Excel 97"),
    "a binary workbook": Hostile(edited(lambda p: p.update({"xl/workbook.bin": b""})), "is a binary workbook", name="bad.xlsb"),
    "a strict Open XML workbook": Hostile(edited(strict), "strict Open XML"),
    "an OpenDocument sheet renamed .xlsx": Hostile(lambda _: packed({"mimetype": b"application/vnd.oasis", "META-INF/manifest.xml": b"<m/>"}), "is an OpenDocument file"),
    "a Numbers document renamed .xlsx": Hostile(lambda _: packed({"Index/Document.iwa": b"", "Metadata/x": b""}), "is a Numbers document"),
    "a web page renamed .xlsx": Hostile(lambda _: b"\xef\xbb\xbf<HTML><table><tr><td>1</td></tr></table></HTML>", "is a web page"),
    "an XML sheet of 2003": Hostile(lambda _: b'<?xml version="1.0"?><Workbook/>', "is an XML file"),
    "20 000 merged blocks over all cells of each sheet": Hostile(edited(lambda p: p.update({n: d.replace(b"</sheetData>", b"</sheetData>" + BLOCKS) for n, d in p.items() if n.startswith("xl/worksheets/sheet")})), "of merged cells, links, drop-downs and formats"),
    "2 000 merged blocks over all cells": Hostile(in_sheet("Links", b"</sheetData>", b"</sheetData>" + BLOCKS[:64_012] + b"</mergeCells>"), "(merged with A1)"),
    "a Word document": Hostile(lambda _: packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<d/>"}), "is not an Excel workbook"),
}  # fmt: skip


def twice(data: bytes) -> bytes:
    import warnings

    stream = io.BytesIO(data)
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return stream.getvalue()


def title(data: bytes, text: str) -> bytes:
    """The workbook's title in the list of texts."""
    parts = parts_of(data)
    old = b"<si><t>Tiny</t></si>"
    assert old in parts["xl/sharedStrings.xml"]
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(old, f"<si><t>{text}</t></si>".encode())
    return packed(parts)


def write_all(folder: Path) -> dict[str, Path]:
    """Every bad file in a folder of its own; returns the folders by what the files are."""
    base, made = good(), {}
    for number, (what, bad) in enumerate(FILES.items()):
        made[what] = folder / f"{number:03}"
        made[what].mkdir()
        (made[what] / bad.name).write_bytes(bad.make(base))
    return made


def outcomes(folder: Path) -> dict[str, dict[str, Any]]:
    """What became of each bad file, by what it is; all in one child process, whose peak memory bounds that of each."""
    made = write_all(folder)
    command = [sys.executable, "-m", "tests.hostile", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(made, lines, strict=True))


def main() -> None:
    """Run the command line on the file of each folder; one line of JSON each."""
    from model import cli
    from tests.benchmarks.memory import peak_mb

    for place in sorted(Path(sys.argv[1]).iterdir()):
        (path,) = place.iterdir()
        said = io.StringIO()
        started = time.process_time()
        with redirect_stdout(said), redirect_stderr(said):
            code = cli.main(["solve", str(path), "--out", str(place / "out")])
        seconds = time.process_time() - started
        left = [entry.name for entry in place.iterdir() if entry != path]
        found = {"code": code, "said": said.getvalue(), "seconds": seconds, "peak": peak_mb(), "left": left}
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
