"""Files of a results folder: hashes, names that stay inside, writing whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path, PureWindowsPath


def sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, text: str) -> None:
    """Write a text so that a process or a machine that stops on the way leaves the file as it was."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    settle([fresh])
    fresh.replace(path)
    settle([path.parent])


def settle(paths: Iterable[Path]) -> None:
    """Wait until files, and the names in folders, are on the disk itself: else a power cut may empty what was renamed.

    Raises OSError where what was written does not fit, which some file systems say only now.
    """
    for path in paths:
        folder = path.is_dir()
        if folder and os.name == "nt":
            continue  # Windows opens no folder, and keeps its names in order by itself
        handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
        try:
            with contextlib.suppress(OSError) if folder else contextlib.nullcontext():
                os.fsync(handle)  # some network drives know it for files only
        finally:
            os.close(handle)


def files_in(folder: Path) -> list[str]:
    """Every file of a folder and its folders, as names relative to it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def is_inside(folder: Path, name: str) -> bool:
    """Whether a name, as a record gives it, is that of a file in a folder, links followed."""
    pure = PureWindowsPath(name)  # knows both kinds of slashes, drives and streams
    if not name or "\0" in name or pure.is_absolute() or pure.drive or pure.root or ".." in pure.parts or ":" in name:
        return False
    return (folder / name).resolve().is_relative_to(folder.resolve())


def open_elsewhere(path: Path) -> str | None:
    """The programme that left its lock file beside a file, if any."""
    if path.with_name(f"~${path.name}").exists():
        return "Excel"
    return "LibreOffice" if path.with_name(f".~lock.{path.name}#").exists() else None
