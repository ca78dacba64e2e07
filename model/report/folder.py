"""The output folder: what a run leaves, exchanged whole, with the runs before it kept under ``history``."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from model.errors import UsageError
from model.report.files import settle, write_whole
from model.report.handover import JOURNAL, RECORD, dated, go_on, hand_over, place, read_record
from model.report.lock import FolderLock

WORKBOOK: Final = "results.xlsx"
LOG: Final = "run.log"
_OWNER: Final = ".workbook"
_STAGING: Final = ".unfinished"
_OURS: Final = (WORKBOOK, LOG, "tables", "input")
_TRACES: Final = frozenset((".lock", _OWNER, f"{_OWNER}.new", _STAGING))


@dataclass
class OutputFolder:
    """The folder of one workbook's results, held by this run from ``open_folder`` to ``close``.

    Everything is written to ``staging`` first. ``publish`` then exchanges it for the earlier run, the record last: a
    folder with a record is a complete run. ``went_on`` says whether opening it finished the exchange of an earlier run.
    """

    path: Path
    lock: FolderLock
    notices: list[str] = field(default_factory=list)
    made: tuple[Path, ...] = ()
    went_on: bool = False

    @property
    def staging(self) -> Path:
        """Where a run writes before it is complete."""
        return self.path / _STAGING

    def start(self) -> Path:
        """An empty staging folder."""
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir()
        return self.staging

    def publish(
        self, record: Mapping[str, Any], now: datetime, moved: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Put the staged files in their places and write the record.

        A file that is open in another programme is left as it is and the new one is put beside it under a dated name.
        ``moved`` names files that lie in the folder itself under another name: name -> present name.

        Returns
        -------
        dict
            Staged name -> the name under which it stands now, relative to the folder.
        """
        return hand_over(self.path, self.staging, record, moved or {}, now, self.notices)

    def put_aside(self, name: str, write: Callable[[Path], object]) -> Path:
        """Write one file that is no part of a run, whole or not at all; returns where it stands.

        Where the present one is open in another programme, it is left and the new one gets a dated name.
        """
        target = self.path / name
        fresh = self.start() / target.name
        write(fresh)
        settle([fresh])
        found = place(fresh, target, dated(target, f"{datetime.now():%Y-%m-%d_%H%M%S}"), self.notices)
        shutil.rmtree(self.staging, ignore_errors=True)
        return found

    def clear_aside(self, name: str) -> None:
        """Remove such a file of an earlier run."""
        (self.path / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Let the folder go; one in which nothing stands is removed."""
        if not (self.staging / JOURNAL).exists():  # else the next run goes on with it
            shutil.rmtree(self.staging, ignore_errors=True)
        if not self.path.is_dir() or {entry.name for entry in self.path.iterdir()} - _TRACES or self.staging.exists():
            self.lock.release()
            return
        (self.path / _OWNER).unlink(missing_ok=True)
        self.lock.remove()
        with suppress(OSError):  # something stands there by now
            self.path.rmdir()
            for folder in self.made:
                if {entry.name for entry in folder.iterdir()} <= {_OWNER}:
                    (folder / _OWNER).unlink(missing_ok=True)
                folder.rmdir()

    def __enter__(self) -> OutputFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_folder(
    workbook: Path, outputs: Path, out: Path | None = None, *, part: str = "", patience: float = 0.0
) -> OutputFolder:
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
    patience
        Seconds to wait for another run that has the folder.

    Raises
    ------
    UsageError
        Where another run has the folder, or a folder named by the user holds files of other origin.
    """
    if out is not None:
        with _told(out):
            out.mkdir(parents=True, exist_ok=True)
            _refuse_foreign(out)
        return hold(out, patience)
    notices: list[str] = []
    mine, home = _identity(workbook), _own_folder(workbook, outputs, notices)
    made = _missing(home)
    with _told(home):
        if part:
            _mark(home, mine)
        folder = hold(home / part, patience)
        if _owner(home) not in ("", mine):  # another workbook of that name was quicker
            folder.lock.release()
            return open_folder(workbook, outputs, part=part, patience=patience)
        _mark(home, mine)
    folder.made = folder.made or (made if part else ())
    folder.notices[:0] = notices
    return folder


def hold(path: Path, patience: float = 0.0) -> OutputFolder:
    """A folder of that very path, held by this run; an exchange at which an earlier one was stopped is finished.

    Raises UsageError where another run has it, or it cannot be written to.
    """
    made = _missing(path)[1:]
    with _told(path):
        path.mkdir(parents=True, exist_ok=True)
        read_record(path)
        lock = FolderLock(path)
        lock.take(patience)
        folder = OutputFolder(path, lock, made=made)
        folder.went_on = go_on(path, folder.staging, folder.notices)
        shutil.rmtree(folder.staging, ignore_errors=True)  # what is left of a run that was not complete
    return folder


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Says in plain words why a folder cannot be used."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"{path} is a file, not a folder; name another one with --out.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written to ({error.strerror}); name another folder with --out.") from error


def folder_of(workbook: Path, outputs: Path) -> Path:
    """The folder in which a workbook's results are when none is named; it need not be there."""
    return _own_folder(workbook, outputs, [])


def _missing(path: Path) -> tuple[Path, ...]:
    """The folders that will be made for a path, the innermost first."""
    return tuple(folder for folder in (path, *path.parents) if not folder.exists())


def _identity(workbook: Path) -> str:
    full = os.path.normcase(workbook.resolve())
    return hashlib.sha256(full.encode("utf-8", "surrogateescape")).hexdigest()


def _owner(path: Path) -> str:
    """The identity of the workbook to which a folder belongs; empty where none is named."""
    try:
        text = (path / _OWNER).read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return text if re.fullmatch("[0-9a-f]{64}", text) else ""


def _mark(path: Path, identity: str) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if _owner(path) != identity:
        write_whole(path / _OWNER, identity)


def _own_folder(workbook: Path, outputs: Path, notices: list[str]) -> Path:
    number, path, mine = 1, outputs / workbook.stem, _identity(workbook)
    while path.exists():
        if _owner(path) == mine:
            break
        # a run that ended between making the folder and naming its workbook has left traces only
        if path.is_dir() and not _owner(path) and {entry.name for entry in path.iterdir()} <= _TRACES:
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
