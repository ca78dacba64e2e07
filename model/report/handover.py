"""A finished run takes the place of the one before, in steps that can be gone on with wherever they were stopped.

The earlier run is copied to ``history``. Then a journal beside the staged files says that they are complete and what
they are to become; from there on the next run finishes the exchange, if this one does not. The record of the earlier
run goes first, that of the new one comes last: in between there is none, so that no mixture of the two passes for a
result.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from model.errors import ModelError, UsageError
from model.report.files import files_in, is_inside, open_elsewhere, settle, sha256, write_whole

RECORD: Final = "run.json"
KEPT_RUNS: Final = 10
JOURNAL: Final = "exchange.json"
HISTORY: Final = "history"
_KEPT: Final = re.compile(r"(\d{4}-\d\d-\d\d_\d{6})(?:-(\d+))?")


def hand_over(
    folder: Path, staging: Path, record: Mapping[str, Any], moved: Mapping[str, str], now: datetime, notices: list[str]
) -> dict[str, str]:
    """Put staged files in their places and write the record; returns where each stands now.

    Parameters
    ----------
    folder, staging
        Of the results, and the one within it in which the new ones were written.
    record
        Content of run.json but for the files.
    moved
        Files that are not staged but lie in the folder under another name: name -> present name.
    now
        For the name of a file beside one that is open in another programme.
    notices
        What is to be said is added to it.
    """
    earlier = read_record(folder)
    if earlier is not None:
        _keep(folder, earlier)
    staged = files_in(staging)
    held = [*(staging / name for name in staged), *(folder / source for source in moved.values())]
    settle([*held, *_folders(staging, staged)])
    files = {name: sha256(staging / name) for name in staged}
    files |= {name: sha256(folder / source) for name, source in moved.items()}
    journal = {
        "record": record,
        "files": dict(sorted(files.items())),
        "moved": dict(moved),
        "earlier": sorted((earlier or {}).get("files", ())),
        "at": f"{now:%Y-%m-%d_%H%M%S}",
    }
    write_whole(staging / JOURNAL, _text(journal))
    try:
        return _Exchange(folder, staging, journal, notices).finish()
    except OSError as error:
        raise ModelError(
            f"The results are complete, but could not all be put in their places in {folder} ({error}). "
            f"The next run into that folder goes on with it; the earlier results are in {HISTORY}."
        ) from error


def go_on(folder: Path, staging: Path, notices: list[str]) -> bool:
    """Finish an exchange at which an earlier run was stopped; whether there was one that could be finished."""
    try:
        journal = json.loads((staging / JOURNAL).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return False
    if not _is_journal(folder, journal):
        return False
    exchange = _Exchange(folder, staging, journal, notices)
    if not exchange.is_whole():
        return False
    exchange.finish()
    notices.append("An earlier run was stopped while it exchanged its files; that was finished first.")
    return True


def read_record(folder: Path) -> dict[str, Any] | None:
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


def place(source: Path, target: Path, beside: Path, notices: list[str]) -> Path:
    """Put a file in its place; where that is open in another programme, beside it. Returns where it stands."""
    target.parent.mkdir(parents=True, exist_ok=True)
    holder = open_elsewhere(target)
    if holder is None:
        try:
            return source.replace(target)
        except PermissionError:
            holder = "another programme"
    source.replace(beside)
    notices.append(f"{target.name} is open in {holder} and was left as it is; the new one is {beside.name} beside it.")
    return beside


def dated(path: Path, at: str) -> Path:
    """The name beside a file that cannot be replaced."""
    return path.with_name(f"{path.stem}_{at}{path.suffix}")


class _Exchange:
    """The steps from the journal on; each may be taken twice."""

    def __init__(self, folder: Path, staging: Path, journal: Mapping[str, Any], notices: list[str]) -> None:
        self.folder, self.staging, self.notices = folder, staging, notices
        self.record, self.files, self.moved = journal["record"], journal["files"], journal["moved"]
        self.earlier, self.at = journal["earlier"], journal["at"]

    def finish(self) -> dict[str, str]:
        (self.folder / RECORD).unlink(missing_ok=True)
        placed = {name: self._placed(name) for name in self.files}
        new = {placed[name]: digest for name, digest in self.files.items()}
        self._clear(set(self.earlier) - set(new) - set(placed))
        settle(_folders(self.folder, new))
        write_whole(self.folder / RECORD, _text({**self.record, "files": dict(sorted(new.items()))}))
        (self.staging / JOURNAL).unlink()
        shutil.rmtree(self.staging, ignore_errors=True)
        return placed

    def is_whole(self) -> bool:
        """Whether every file is as the journal says, in its place or on the way there."""
        return all(
            any(path.is_file() and sha256(path) == digest for path in (self._source(name), *self._targets(name)))
            for name, digest in self.files.items()
        )

    def _source(self, name: str) -> Path:
        return self.folder / self.moved[name] if name in self.moved else self.staging / name

    def _targets(self, name: str) -> tuple[Path, Path]:
        return self.folder / name, dated(self.folder / name, self.at)

    def _placed(self, name: str) -> str:
        source, (target, beside) = self._source(name), self._targets(name)
        if source.exists():
            found = place(source, target, beside, self.notices)
        else:
            found = beside if beside.exists() else target
        return found.relative_to(self.folder).as_posix()

    def _clear(self, names: set[str]) -> None:
        """Remove files of the earlier run that this one does not have; they are in the history."""
        for name in sorted(names):
            target = self.folder / name
            if open_elsewhere(target) is not None:
                continue
            try:
                target.unlink(missing_ok=True)
            except PermissionError:
                self.notices.append(f"{name} is of an earlier run; it is open elsewhere and could not be removed.")


def _is_journal(folder: Path, journal: Any) -> bool:
    """Whether a journal is one that was written here: every name in it stays in the folder."""
    if not isinstance(journal, dict) or journal.keys() != {"record", "files", "moved", "earlier", "at"}:
        return False
    record, files, moved, earlier, at = (journal[key] for key in ("record", "files", "moved", "earlier", "at"))
    if not (isinstance(record, dict) and isinstance(files, dict) and isinstance(moved, dict)):
        return False
    if not (isinstance(earlier, list) and isinstance(at, str) and re.fullmatch(r"[\d_-]+", at)):
        return False
    names = [*files, *moved, *moved.values(), *earlier]
    return all(isinstance(name, str) and is_inside(folder, name) for name in names)


def _keep(folder: Path, record: Mapping[str, Any]) -> None:
    """Copy a complete run to the history, whole before the first of its files is exchanged."""
    history = folder / HISTORY
    text = (folder / RECORD).read_bytes()
    kept = _kept(history)
    if not any((path / RECORD).read_bytes() == text for path in kept):
        kept.append(_copied(folder, record))
    for old in kept[:-KEPT_RUNS]:
        _drop(old)


def _copied(folder: Path, record: Mapping[str, Any]) -> Path:
    made = datetime.fromtimestamp((folder / RECORD).stat().st_mtime).strftime("%Y-%m-%d_%H%M%S")
    target, number = folder / HISTORY / made, 1
    while target.exists():
        number += 1
        target = target.with_name(f"{made}-{number}")
    building = target.with_name(".unfinished")
    shutil.rmtree(building, ignore_errors=True)
    copied = [name for name in [*record.get("files", ()), RECORD] if (folder / name).is_file()]
    for name in copied:
        (building / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, building / name)
    settle([*(building / name for name in copied), *_folders(building, copied)])
    building.replace(target)
    settle([target.parent])
    return target


def _kept(history: Path) -> list[Path]:
    """The runs of a history, the oldest first; what a removal that was stopped left of one is removed."""
    found: list[tuple[str, int, Path]] = []
    for path in history.iterdir() if history.is_dir() else ():
        match = _KEPT.fullmatch(path.name)
        if match is None or not path.is_dir():
            continue  # not ours
        if (path / RECORD).is_file():
            found.append((match[1], int(match[2] or 1), path))
        else:
            _drop(path)
    return [path for *_, path in sorted(found)]


def _drop(run: Path) -> None:
    """Remove a run of the history, its record first: half a run must not look like one."""
    (run / RECORD).unlink(missing_ok=True)
    shutil.rmtree(run, ignore_errors=True)


def _folders(folder: Path, names: Iterable[str]) -> list[Path]:
    """A folder and those within it in which files of these names stand."""
    inner = {parent for name in names for parent in (folder / name).parents if parent.is_relative_to(folder)}
    return sorted({folder, *inner})


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
