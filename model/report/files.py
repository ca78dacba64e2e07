"""Files of a results folder: hashes, names that stay inside, writing whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path, PureWindowsPath


def sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, text: str) -> None:
    """Write a text so that a process that ends on the way leaves the file as it was."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    fresh.replace(path)


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
