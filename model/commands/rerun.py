"""``rerun``: a run once more from the copy of its input, and whether it gives the same, byte for byte."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from model.commands.keeping import ARGUMENTS, INPUT
from model.errors import UsageError
from model.report.console import Screen
from model.report.files import is_inside, sha256
from model.report.handover import HISTORY, RECORD

DIFFERS: Final = 6
MOST_SHOWN: Final = 25
_OPTIONS: Final = {"low": "from", "high": "to"}  # words of the command line that are none of Python


def run(arguments: argparse.Namespace, screen: Screen) -> int:
    """Run again and compare; returns the exit code."""
    folder, record = _read(arguments.record)
    words = _results(folder, record) if record["command"] == "compare" else [str(_input(folder, record))]
    say_versions(record, screen)
    with _place(arguments.out) as out:
        again = _arguments(folder / RECORD, record, words, out)
        silent = Screen.silent()
        with screen.working(f"Running it again: {again.command} {Path(words[0]).name}"):
            code = int(importlib.import_module(f"model.commands.{again.command}").run(again, silent))
        records = sorted(out.rglob(RECORD))  # of the run itself, not those that it kept
        made = next((path for path in records if not {HISTORY, INPUT} & {*path.relative_to(out).parts}), None)
        if made is None:
            screen.error("\n".join(silent.lines))
            return code
        same = _compare(folder, record, made.parent, json.loads(made.read_text(encoding="utf-8")), screen)
    if arguments.out is not None:
        screen.line(f"The new results: {made.parent}")
    elif not same:
        screen.line("With --out DIR the new results are kept in that folder.")
    return 0 if same else DIFFERS


def _read(path: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of a run and its record; UsageError where that is none that can be run again."""
    file = path / RECORD if path.is_dir() else path
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{file} is not there: it needs the folder of a complete run, or its {RECORD}.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no record of a run ({str(error)[:200]}).") from None
    files = record.get("files") if isinstance(record, dict) else None
    if not isinstance(files, dict) or not all(isinstance(digest, str) for digest in files.values()):
        raise UsageError(f"{file} is no record of a run: it does not say which files the run wrote.")
    outside = next((name for name in files if not is_inside(file.parent, name)), None)
    if outside is not None:
        raise UsageError(f"{file} names a file outside its folder ({outside[:100]!r}); no run has written that.")
    if record.get("schema") != 1 or record.get("command") not in ARGUMENTS:
        raise UsageError(
            f"{file} does not say what was run (schema {str(record.get('schema'))[:20]!r}, command "
            f"{str(record.get('command'))[:40]!r}): it is of another version of this programme. Run its workbook again."
        )
    return file.parent, record


def _input(folder: Path, record: Mapping[str, Any]) -> Path:
    """The copy of the input, as it was; UsageError where it is not."""
    names = [name for name in record["files"] if name.startswith(f"{INPUT}/")]
    if len(names) != 1 or not (folder / names[0]).is_file():
        raise UsageError(
            f"{folder} lacks the copy of its input ({names[0] if names else INPUT}): nothing to run again."
        )
    book: Path = folder / names[0]
    if sha256(book) != record.get("input_sha256"):
        raise UsageError(
            f"{book} is not the input of that run any more: it was changed since (SHA-256 {sha256(book)[:12]}…, "
            f"{RECORD} says {str(record.get('input_sha256'))[:12]}…). To run what it is now: python run.py {book}"
        )
    return book


def _results(folder: Path, record: Mapping[str, Any]) -> list[str]:
    """The copies of the results that were compared, and which scenarios; UsageError where they are not as they were."""
    kept, files = record.get("arguments"), record["files"]
    names, scenarios = (_texts(kept, name) for name in ("folders", "scenarios"))
    if not names:
        raise UsageError(f"{folder / RECORD} does not hold the arguments of compare: it is of another version.")
    for name in names:
        if f"{INPUT}/{name}/{RECORD}" not in files:
            raise UsageError(f"{folder} lacks the copy of its input ({name[:100]}): nothing to run again.")
    for name in files:
        if name.startswith(f"{INPUT}/") and not ((folder / name).is_file() and sha256(folder / name) == files[name]):
            raise UsageError(f"{folder / name} is not the input of that run any more: it was changed or removed since.")
    return [*(str(folder / INPUT / name) for name in names), *scenarios]


def _texts(arguments: Any, name: str) -> list[str]:
    """An argument that is a list of texts; empty where it is none."""
    found = arguments.get(name) if isinstance(arguments, dict) else None
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else []


def say_versions(record: Mapping[str, Any], screen: Screen) -> None:
    """What ran then and runs now, where it is not the same."""
    from model.report.record import versions

    then, now = record.get("versions"), versions()
    then = then if isinstance(then, dict) else {}
    changed = [name for name in dict.fromkeys([*then, *now]) if then.get(name) != now.get(name)]
    told = [f"{name} {then.get(name, 'not told')} then, {now.get(name, 'not used')} now" for name in changed]
    screen.line(f"Versions that differ: {'; '.join(told)}." if told else "The same versions of everything as then.")


@contextlib.contextmanager
def _place(out: Path | None) -> Iterator[Path]:
    """Where the new results are written: a folder that is new, or one that goes afterwards."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="rerun-") as folder:
            yield Path(folder)
        return
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there already; name a new folder with --out.")
    yield out


def _arguments(file: Path, record: Mapping[str, Any], given: Sequence[str], out: Path) -> argparse.Namespace:
    """The command line of the run, read by the same parser as one that is typed."""
    from model.cli import parser

    command, kept = record["command"], record.get("arguments")
    if not isinstance(kept, dict) or set(kept) != set(ARGUMENTS[command]):
        raise UsageError(f"{file} does not hold the arguments of {command}: it is of another version. Run it anew.")
    words = [command, *given, f"--out={out}"]
    for name, value in kept.items():
        if name in ("folders", "scenarios"):
            continue  # they are of what is given
        if name == "periods" and isinstance(value, list):
            words.append(f"--periods={'..'.join(map(str, value))}")
        elif value is True:
            words.append(f"--{name}")
        elif value is not None and value is not False:
            words += [f"--{_OPTIONS.get(name, name)}={one}" for one in (value if isinstance(value, list) else [value])]
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            return parser().parse_args(words)
    except SystemExit:
        reason = (said.getvalue().splitlines() or [""])[0]
        raise UsageError(f"{file}: its arguments cannot be run again ({reason[:200]}).") from None


def _compare(before: Path, record: Mapping[str, Any], after: Path, again: Mapping[str, Any], screen: Screen) -> bool:
    """Say what differs; whether nothing does."""
    from model.report.agreement import compared, differences

    found = differences(before, record["files"], after, again["files"])
    if record.get("settings") != again.get("settings"):
        screen.notice("Settings that the workbook leaves blank have another default now.")
    if not found:
        screen.line(f"The same: all {len(compared(again['files']))} files, byte for byte.", style="green")
        return True
    for name, then, now in _values(record, again):
        screen.line(f"Scenario {name}: {then} then, {now} now (million USD).")
    worst = max((one for one in found if not math.isnan(one.size)), key=lambda one: one.size, default=None)
    for one in found[:MOST_SHOWN]:
        screen.line(f"{one.file}: {one.said}")
    if len(found) > MOST_SHOWN:
        screen.line(f"and {len(found) - MOST_SHOWN} more files.")
    count = len(compared(again["files"]))
    largest = f"; the largest difference is in {worst.file}" if worst is not None else ""
    screen.error(f"Not the same: {len(found)} of {count} files differ{largest}.")
    if any(one.get("status") == "feasible" for one in again.get("scenarios", ())):
        screen.notice(
            "A search over whole units was ended early; which plan it has found by then is a matter of speed."
        )
    return False


def _values(record: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Scenarios whose status or value is another."""

    def told(one: Mapping[str, Any]) -> dict[str, str]:
        return {row["name"]: f"{row['status']}, {row['value']}" for row in one.get("scenarios", ())}

    try:
        then, now = told(record), told(again)
    except (KeyError, TypeError):
        return
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            yield name, then.get(name, "not solved"), now.get(name, "not solved")
