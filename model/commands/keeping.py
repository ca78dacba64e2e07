"""What commands keep of themselves, so that they can be run again: the very input, and the arguments that count."""

from __future__ import annotations

import argparse
import hashlib
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
}


def read_input(path: Path) -> tuple[Case, bytes]:
    """The case and the very bytes from which it was read."""
    from model.workbook.reading import read_case

    case = read_case(path)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != case.sha256:
        raise UsageError(f"{path.name} was saved while it was read; run this again.")
    return case, data


def asked(arguments: argparse.Namespace) -> dict[str, Any]:
    """The command and its arguments as run.json holds them."""
    command = str(arguments.command)
    return {"command": command, "arguments": {name: getattr(arguments, name) for name in ARGUMENTS[command]}}


def keep_input(staging: Path, workbook: Path, data: bytes) -> None:
    """Put the input beside the results that are made from it."""
    (staging / INPUT).mkdir()
    (staging / INPUT / workbook.name).write_bytes(data)


def keep_log(path: Path, lines: Sequence[str]) -> None:
    """Write what was said."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def publish_study(
    folder: OutputFolder,
    write: Callable[[Path], object],
    source: tuple[Path, bytes],
    record: Mapping[str, Any],
    lines: Sequence[str],
) -> dict[str, str]:
    """Write a study's results with its input and what was said, in the place of the earlier ones; where each stands.

    ``write`` puts the results into a folder, ``source`` is the workbook and its bytes, ``record`` as from ``head``.
    """
    from model.report.folder import LOG

    staging = folder.start()
    write(staging)
    keep_input(staging, *source)
    keep_log(staging / LOG, lines)
    return folder.publish(record, datetime.now())


def within(out: Path | None, part: str) -> Path | None:
    """The folder of one kind of results within the one that the user named, if any."""
    return None if out is None else out / part
