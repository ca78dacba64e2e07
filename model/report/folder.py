"""The output folder: what a run leaves, exchanged whole, with the runs before it kept under ``history``."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from model.errors import UsageError
from model.report.lock import FolderLock

RECORD: Final = "run.json"
WORKBOOK: Final = "results.xlsx"
LOG: Final = "run.log"
KEPT_RUNS: Final = 10
_OWNER: Final = ".workbook"
_STAGING: Final = ".unfinished"
_OURS: Final = (WORKBOOK, LOG, "tables", "input")


@dataclass
class OutputFolder:
    """The folder of one workbook's results, held by this run from ``open_folder`` to ``close``.

    Everything is written to ``staging`` first. ``publish`` then keeps the earlier run under ``history`` and exchanges
    the files, the record last: a folder with a record is a complete run.
    """

    path: Path
    lock: FolderLock
    notices: list[str] = field(default_factory=list)

    @property
    def staging(self) -> Path:
        """Where a run writes before it is complete."""
        return self.path / _STAGING

    def start(self) -> Path:
        """An empty staging folder."""
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir()
        return self.staging

    def publish(self, record: dict[str, Any], now: datetime) -> dict[str, str]:
        """Put the staged files in their places and write the record.

        A file that is open in another programme is left as it is and the new one is put beside it under a dated name.

        Returns
        -------
        dict
            Staged name -> the name under which it stands now, relative to the folder.
        """
        earlier = _read_record(self.path)
        if earlier is not None:
            _keep(self.path, earlier)
        (self.path / RECORD).unlink(missing_ok=True)
        placed = {name: self._place(name, now) for name in _files(self.staging)}
        new = {name: sha256(self.path / name) for name in sorted(placed.values())}
        self._clear(set((earlier or {}).get("files", ())) - set(new) - set(placed))
        _write_record(self.path / RECORD, {**record, "files": new})
        shutil.rmtree(self.staging, ignore_errors=True)
        return placed

    def put_aside(self, name: str, write: Callable[[Path], object]) -> Path:
        """Write one file that is no part of a run, whole or not at all; returns where it stands."""
        fresh = self.path / f".{name}"
        try:
            write(fresh)
            fresh.replace(self.path / name)
        finally:
            fresh.unlink(missing_ok=True)
        return self.path / name

    def clear_aside(self, name: str) -> None:
        """Remove such a file of an earlier run."""
        (self.path / name).unlink(missing_ok=True)

    def _place(self, name: str, now: datetime) -> str:
        source, target = self.staging / name, self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        holder = _open_elsewhere(target)
        if holder is None:
            try:
                source.replace(target)
            except PermissionError:
                holder = "another programme"
            else:
                return name
        beside = target.with_name(f"{target.stem}_{now:%Y-%m-%d_%H%M%S}{target.suffix}")
        source.replace(beside)
        self.notices.append(
            f"{target.name} is open in {holder} and was left as it is; the new one is {beside.name} beside it."
        )
        return beside.relative_to(self.path).as_posix()

    def _clear(self, names: Iterable[str]) -> None:
        """Remove files of the earlier run that this one does not have; they are in the history."""
        for name in sorted(names):
            target = self.path / name
            if _open_elsewhere(target) is not None:
                continue
            try:
                target.unlink(missing_ok=True)
            except PermissionError:
                self.notices.append(f"{name} is of an earlier run; it is open elsewhere and could not be removed.")

    def close(self) -> None:
        """Let the folder go; one in which nothing stands is removed."""
        self.lock.release()
        shutil.rmtree(self.staging, ignore_errors=True)
        left = {entry.name for entry in self.path.iterdir()}
        if left <= {self.lock.path.name, _OWNER}:
            shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> OutputFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_folder(workbook: Path, outputs: Path, out: Path | None = None, *, part: str = "") -> OutputFolder:
    """The folder for a workbook's results, held by this run.

    Parameters
    ----------
    workbook
        The input; its full path tells two workbooks of one name apart.
    outputs
        The parent of all default folders.
    out
        The folder itself, where the user named one.
    part
        A folder within the workbook's own, for results of another kind.

    Raises
    ------
    UsageError
        Where another run has the folder, or a folder named by the user holds files of other origin.
    """
    notices: list[str] = []
    path = _own_folder(workbook, outputs, notices) if out is None else out
    try:
        path.mkdir(parents=True, exist_ok=True)
        if out is not None:
            _refuse_foreign(path)
        if out is None and part:
            (path / _OWNER).write_text(_identity(workbook), encoding="ascii")
            path /= part
            path.mkdir(exist_ok=True)
        _read_record(path)
        lock = FolderLock(path)
        lock.take()
        if out is None and not part:
            (path / _OWNER).write_text(_identity(workbook), encoding="ascii")
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"{path} is a file, not a folder; name another one with --out.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written to ({error.strerror}); name another folder with --out.") from error
    return OutputFolder(path, lock, notices)


def exchange(unfinished: Path, path: Path) -> Path:
    """Put a finished file in its place; where that is open elsewhere, beside it under a dated name. Returns where."""
    try:
        return unfinished.replace(path)
    except PermissionError:
        return unfinished.replace(path.with_name(f"{path.stem}_{datetime.now():%Y-%m-%d_%H%M%S}{path.suffix}"))


def folder_of(workbook: Path, outputs: Path) -> Path:
    """The folder in which a workbook's results are when none is named; it need not be there."""
    return _own_folder(workbook, outputs, [])


def _identity(workbook: Path) -> str:
    full = os.path.normcase(workbook.resolve())
    return hashlib.sha256(full.encode("utf-8", "surrogateescape")).hexdigest()


def _own_folder(workbook: Path, outputs: Path, notices: list[str]) -> Path:
    number, path, mine = 1, outputs / workbook.stem, _identity(workbook)
    while path.exists():
        owner = path / _OWNER
        if owner.is_file() and owner.read_text(encoding="ascii", errors="replace") == mine:
            break
        if path.is_dir() and not any(path.iterdir()):
            break
        number += 1
        path = outputs / f"{workbook.stem}-{number}"
    if number > 1:
        notices.append(f"outputs/{workbook.stem} is of another workbook of that name; this one's is {path.name}.")
    return path


def _refuse_foreign(path: Path) -> None:
    foreign = [name for name in _OURS if (path / name).exists()]
    if foreign and not (path / RECORD).exists() and not (path / FolderLock(path).path.name).exists():
        message = f"{path} holds {', '.join(foreign)} of other origin, which would be overwritten. "
        raise UsageError(message + "Name another folder with --out.")


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_elsewhere(path: Path) -> str | None:
    """The programme that left its lock file beside a file, if any."""
    if path.with_name(f"~${path.name}").exists():
        return "Excel"
    return "LibreOffice" if path.with_name(f".~lock.{path.name}#").exists() else None


def _read_record(folder: Path) -> dict[str, Any] | None:
    """The record of the run in a folder, if there is a complete one.

    Raises UsageError where it names files outside the folder: they would be moved and deleted with the run's own.
    """
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    files = record.get("files", {}) if isinstance(record, dict) else None
    if not isinstance(files, dict):
        return None
    outside = next((name for name in files if not is_inside(folder, name)), None)
    if outside is not None:
        message = f"{folder / RECORD} names a file outside its folder ({outside[:100]!r}); no run has written that. "
        raise UsageError(message + "Delete it, or name another folder with --out.")
    return dict(record)


def is_inside(folder: Path, name: str) -> bool:
    """Whether a name, as a record gives it, is that of a file in a folder, links followed."""
    pure = PureWindowsPath(name)  # knows both kinds of slashes, drives and streams
    if not name or "\0" in name or pure.is_absolute() or pure.drive or pure.root or ".." in pure.parts or ":" in name:
        return False
    return (folder / name).resolve().is_relative_to(folder.resolve())


def _write_record(path: Path, record: dict[str, Any]) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(path)


def _keep(folder: Path, record: dict[str, Any]) -> None:
    """Copy a complete run to the history, whole before the first of its files is exchanged."""
    history = folder / "history"
    made = datetime.fromtimestamp((folder / RECORD).stat().st_mtime).strftime("%Y-%m-%d_%H%M%S")
    target, number = history / made, 1
    while target.exists():
        number += 1
        target = history / f"{made}-{number}"
    building = history / ".unfinished"
    shutil.rmtree(building, ignore_errors=True)
    for name in [*record.get("files", ()), RECORD]:
        if (folder / name).is_file():
            (building / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(folder / name, building / name)
    building.replace(target)
    for old in sorted(path for path in history.iterdir() if path.is_dir())[:-KEPT_RUNS]:
        shutil.rmtree(old, ignore_errors=True)
