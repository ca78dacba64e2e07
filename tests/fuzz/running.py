"""One case through the command line in this process, and what came of it."""

from __future__ import annotations

import io
import json
import re
import shutil
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from model import cli
from model.api import Failure, read_case, solve_scenarios
from model.case import Case
from model.errors import ModelError, NoAnswer

Kind = Literal["clean error", "no answer", "closed", "fault"]
CELL: Final = re.compile(r"\b\w[\w ]*![A-Z]{0,3}\d+")
SHEET: Final = re.compile(r"^\S.*\n    (is|has|stands|holds|needs) |\(sheet [^)]+\)", re.MULTILINE)
FINDS: Final = 2, 3, 5  # exit codes that say what is to be mended


@dataclass(frozen=True)
class Outcome:
    """What came of one case: its kind, what was said, and the value of each scenario that was solved."""

    kind: Kind
    said: str
    values: tuple[tuple[str, float], ...] = ()


def by_command(path: Path, out: Path) -> Outcome:
    """``check``, then the whole way with results written."""
    code, said = _command("check", path)
    if code:
        return _outcome(code, said)
    code, said = _command("solve", path, "--out", out)
    values: tuple[tuple[str, float], ...] = ()
    if code in (0, 5):
        facts = json.loads((out / "run.json").read_text(encoding="utf-8"))
        values = tuple((one["name"], one["value"]) for one in facts["scenarios"] if one.get("value") is not None)
    elif code != 1 and (out / "run.json").exists():
        return Outcome("fault", f"no result, yet run.json is there\n{said}")
    shutil.rmtree(out, ignore_errors=True)
    return _outcome(code, said, values)


def by_check(path: Path) -> Outcome:
    """``check``, then the solves and their audits without results written."""
    code, said = _command("check", path)
    return _outcome(code, said) if code else by_tables(path)


def by_tables(source: Any) -> Outcome:
    """The solves of a workbook or of tables in memory, with their audits."""
    try:
        with _strict():
            results = list(solve_scenarios(read_case(source)))
    except ModelError as error:
        return _outcome(error.exit_code, str(error))
    except Exception:
        return Outcome("fault", traceback.format_exc())
    failures = [one.error for one in results if isinstance(one, Failure)]
    said = "\n".join(map(str, failures))
    for error in failures:
        if not isinstance(error, NoAnswer) or not CELL.search(str(error)):
            return Outcome("fault", f"no cell is named\n{error}")
    values = tuple((one.scenario, one.value) for one in results if not isinstance(one, Failure))
    return Outcome("closed" if values else "no answer", said, values)


def case_of(path: Path) -> Case | None:
    """The case that a file holds; None where it holds none."""
    try:
        return read_case(path)
    except ModelError:
        return None


def _command(name: str, path: Path, *more: Any) -> tuple[int, str]:
    """Exit code and what was said, with the details of a fault of the programme's own."""
    said, faults, outputs = io.StringIO(), path.parent / "faults", cli.OUTPUTS
    cli.OUTPUTS = faults  # type: ignore[misc]
    try:
        with redirect_stdout(said), redirect_stderr(said), _strict():
            code = cli.main([name, str(path), *map(str, more)])
    finally:
        cli.OUTPUTS = outputs  # type: ignore[misc]
    log = faults / "error.log"
    details = log.read_text(encoding="utf-8") if code == 1 and log.exists() else ""
    return code, said.getvalue() + details


@contextmanager
def _strict() -> Iterator[None]:
    """A warning that a user would see is a fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def _outcome(code: int, said: str, values: tuple[tuple[str, float], ...] = ()) -> Outcome:
    """A code and what was said; a fault where the code is none of those that help, or no place is named."""
    if code not in (0, 4, *FINDS):
        return Outcome("fault", f"exit code {code}\n{said}")
    if code in FINDS and not names_a_place(said):
        return Outcome("fault", f"no place is named\n{said}")
    return Outcome("closed" if values or code == 0 else "clean error" if code == 2 else "no answer", said, values)


def names_a_place(said: str) -> bool:
    """Whether a message names a cell or, where a sheet as a whole is at fault, the sheet."""
    return bool(CELL.search(said) or SHEET.search(said))
