"""What commands keep of themselves, so that they can be run again: the very input, and the arguments that count."""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model.errors import UsageError

if TYPE_CHECKING:
    from model.case import Case
    from model.report.folder import OutputFolder

INPUT: Final = "input"
PATIENCE: Final = 60.0  # seconds to wait for another call that holds the folder only while it writes
# what results depend on; jobs, clusters and folders are not of it
ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "solve": ("scenario", "periods", "iamc"),
    "sweep": ("design", "runs", "seed", "scenario", "span"),
    "plan": ("criterion", "scenario"),
    "projects": ("scenario", "fund", "project"),
    "ranging": ("scenario",),
    "staircase": ("of", "low", "high", "period", "scenario"),
    "compare": ("folders", "scenarios", "scenario"),
}


def read_input(path: Path) -> tuple[Case, bytes]:
    """The case and the very bytes from which it was read."""
    from model.workbook.reading import read_case

    case = read_case(path)
    return case, bytes_of(path, case.sha256)


def bytes_of(path: Path, digest: str) -> bytes:
    """The bytes of a file that was read; UsageError where they are others by now."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise UsageError(f"{path.name} was saved while it was read; run this again.")
    return data


def asked(arguments: argparse.Namespace) -> dict[str, Any]:
    """The command and its arguments as run.json holds them."""
    command = str(arguments.command)
    return {"command": command, "arguments": {name: getattr(arguments, name) for name in ARGUMENTS[command]}}


def keep_input(staging: Path, files: Mapping[str, bytes]) -> None:
    """Put the input, by name, beside the results that are made from it."""
    for name, data in files.items():
        path = staging / INPUT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def keep_log(path: Path, lines: Sequence[str]) -> None:
    """Write what was said."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def publish_study(
    folder: OutputFolder,
    write: Callable[[Path], object],
    source: Mapping[str, bytes],
    record: Mapping[str, Any],
    lines: Sequence[str],
) -> dict[str, str]:
    """Write a study's results with its input and what was said, in the place of the earlier ones; where each stands.

    ``write`` puts the results into a folder, ``source`` is the input by name, ``record`` as from ``head``.
    """
    from model.report.folder import LOG

    staging = folder.start()
    write(staging)
    keep_input(staging, source)
    keep_log(staging / LOG, lines)
    return folder.publish(record, datetime.now())


def part_of(kind: str, scenario: str) -> str:
    """The folder of one kind of results, of another scenario than base with its name."""
    return kind if scenario == "base" else f"{kind}-{as_name(scenario)}"


def as_name(text: str) -> str:
    """A text as part of a file's name."""
    return re.sub(r"[^\w.+-]+", "_", text)


def within(out: Path | None, part: str) -> Path | None:
    """The folder of one kind of results within the one that the user named, if any."""
    return None if out is None else out / part
