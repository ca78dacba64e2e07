"""The command line: arguments, what went wrong in plain words, and exit codes.

0 done · 2 the workbook or the command needs mending · 3 infeasible or unbounded · 4 the solver stopped early ·
5 some scenarios failed, the others are written · 6 a rerun gives other results · 1 a fault of this programme ·
130 stopped with Ctrl-C.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from model import __version__
from model.errors import AuditError, ModelError
from model.report.console import Screen

ROOT: Final = Path(__file__).resolve().parent.parent
WORKBOOK: Final = ROOT / "inputs" / "caspian.xlsx"
OUTPUTS: Final = ROOT / "outputs"
DESIGNS: Final = ("tornado", "grid", "sample", "morris", "sobol", "outages", "scenarios")
OUR_FAULT: Final = 1
STOPPED: Final = 130
_EPILOG: Final = """\
Without a command the shipped workbook is solved, every scenario marked run:
  python run.py
  python run.py my.xlsx                              the same for another workbook
  python run.py solve my.xlsx --scenario base low_price --periods 2026..2030
Results are in outputs/<workbook>/results.xlsx beside run.py, unless --out names another folder."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # a console of another code page cannot show every letter; a question mark is better than a crash
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    screen = Screen()
    try:
        chosen = parser().parse_args(_with_command(arguments))
        module = importlib.import_module(f"model.commands.{chosen.command}")
        return int(module.run(chosen, screen))
    except KeyboardInterrupt:
        screen.error("Stopped; earlier results are as they were.")
        return STOPPED
    except AuditError as error:
        return _own_fault(screen, str(error))
    except ModelError as error:
        screen.error(str(error))
        return error.exit_code
    except BrokenPipeError:
        # the reader of our output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _own_fault(screen, f"{type(error).__name__}: {error}")


def _with_command(arguments: list[str]) -> list[str]:
    """A workbook alone is to be solved, and so is the shipped one when nothing is said."""
    if not arguments:
        return ["solve"]
    is_workbook = Path(arguments[0]).suffix.lower() in (".xlsx", ".xlsm")
    return ["solve", *arguments] if is_workbook else arguments


def _own_fault(screen: Screen, what: str) -> int:
    """Say a fault of this programme in one line and write the rest to a file."""
    text = "\n".join([*screen.lines, "", traceback.format_exc()])
    for folder in (OUTPUTS, Path(tempfile.gettempdir())):
        path = folder / "error.log"
        try:
            folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError:
            continue
        where = f"\nThe details are in {path}."
        break
    else:
        where = f"\n{text}"
    screen.error(f"A fault of this programme, not of the workbook: {what}{where}\nEarlier results are as they were.")
    return OUR_FAULT


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        sys.stderr.write(f"{message}\n{self.format_usage()}")
        self.exit(2)


def parser() -> argparse.ArgumentParser:
    """The arguments of every command."""
    top = _Parser(
        prog="run.py",
        description="Which oil and gas goes over which pipeline, railway and ship to which market.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    _add_solve(commands)
    check = commands.add_parser("check", help="every fault of a workbook, nothing solved")
    check.add_argument("workbook", type=Path, metavar="WORKBOOK")
    new = commands.add_parser("new", help="a blank workbook: headers, units, drop-downs, notes")
    new.add_argument("path", type=Path, metavar="PATH")
    addresses = commands.add_parser("addresses", help="every address that can be changed, with its value and unit")
    addresses.add_argument("workbook", type=Path, metavar="WORKBOOK")
    addresses.add_argument("pattern", nargs="?", default="*", metavar="PATTERN", help="such as Links:*:tariff")
    addresses.add_argument("--effects", action="store_true", help="where each number enters the linear programme")
    diff = commands.add_parser("diff", help="two input workbooks, cell by cell")
    diff.add_argument("first", type=Path, metavar="A")
    diff.add_argument("second", type=Path, metavar="B")
    compare = commands.add_parser("compare", help="two result folders, or scenarios of one, side by side")
    compare.add_argument("first", metavar="FOLDER", help="a folder of results, or a workbook that was solved")
    compare.add_argument("others", nargs="+", metavar="OTHER", help="another such, or scenarios of the first")
    compare.add_argument("--scenario", metavar="NAME", help="of two folders: the scenario that is compared")
    compare.add_argument("--out", type=Path, metavar="DIR", help="where the comparison is written")
    _add_staircase(commands)
    ranging = commands.add_parser("ranging", help="how far each number may move before the plan changes")
    ranging.add_argument("workbook", type=Path, metavar="WORKBOOK")
    ranging.add_argument("--scenario", default="base", metavar="NAME", help="the scenario that is ranged")
    ranging.add_argument("--out", type=Path, metavar="DIR", help="the folder of the results")
    _add_plan(commands)
    _add_projects(commands)
    _add_sweep(commands)
    rerun = commands.add_parser("rerun", help="an earlier run once more, and whether it gives the same")
    rerun.add_argument("record", type=Path, metavar="RUN", help="a folder of results, or its run.json")
    rerun.add_argument("--out", type=Path, metavar="DIR", help="keep the new results in this folder")
    test = commands.add_parser("test", help="the tests of this programme", prefix_chars="\0", add_help=False)
    test.add_argument("options", nargs="*", metavar="OPTION", help="options of pytest, such as -k report")
    return top


def _add_solve(commands: argparse._SubParsersAction[_Parser]) -> None:
    solve = commands.add_parser("solve", help="solve a workbook's scenarios and write the results")
    solve.add_argument("workbook", type=Path, nargs="?", default=WORKBOOK, metavar="WORKBOOK")
    solve.add_argument(
        "--scenario", nargs="+", action="extend", metavar="NAME", help="these instead of every one marked run"
    )
    solve.add_argument("--periods", type=_periods, metavar="FIRST..LAST", help="these periods only")
    solve.add_argument("--iamc", action="store_true", help="also iamc.csv, the table of model comparisons (IAMC)")
    solve.add_argument("--out", type=Path, metavar="DIR", help="the folder of the results")


def _add_sweep(commands: argparse._SubParsersAction[_Parser]) -> None:
    sweep = commands.add_parser("sweep", help="many runs of a workbook, by its sheet Ranges")
    sweep.add_argument("workbook", type=Path, metavar="WORKBOOK")
    sweep.add_argument("--design", required=True, choices=DESIGNS, metavar="KIND", help=f"one of {', '.join(DESIGNS)}")
    sweep.add_argument("--runs", type=int, metavar="N", help="how many runs at most")
    sweep.add_argument("--seed", type=int, metavar="S", help="of random designs; the same seed gives the same runs")
    sweep.add_argument("--scenario", default="base", metavar="NAME", help="the scenario in which inputs are varied")
    sweep.add_argument("--span", metavar="PERIODS", help="of outages: the period, or 2026..2030, without the corridor")
    sweep.add_argument("--jobs", type=int, metavar="J", help="processes; without it, one for every processor")
    sweep.add_argument("--cluster", metavar="ADDRESS", help="the scheduler of a Dask cluster that solves the runs")
    sweep.add_argument("--resume", action="store_true", help="go on with what was stopped")
    sweep.add_argument("--out", type=Path, metavar="DIR", help="the folder of the results")


def _add_projects(commands: argparse._SubParsersAction[_Parser]) -> None:
    projects = commands.add_parser("projects", help="what each project, and more money in each fund, is worth")
    projects.add_argument("workbook", type=Path, metavar="WORKBOOK")
    projects.add_argument("--scenario", default="base", metavar="NAME", help="the scenario that is looked at")
    projects.add_argument("--fund", metavar="NAME", help="the money of this fund alone")
    projects.add_argument("--project", nargs="+", action="extend", metavar="NAME", help="these projects alone")
    projects.add_argument("--out", type=Path, metavar="DIR", help="the folder of the results")


def _add_staircase(commands: argparse._SubParsersAction[_Parser]) -> None:
    steps = commands.add_parser("staircase", help="every value of one number at which the optimal plan changes")
    steps.add_argument("workbook", type=Path, metavar="WORKBOOK")
    steps.add_argument("--of", required=True, metavar="ADDRESS", help="such as Links:btc:tariff")
    steps.add_argument("--from", required=True, type=float, dest="low", metavar="LOW", help="in the row's own unit")
    steps.add_argument("--to", required=True, type=float, dest="high", metavar="HIGH")
    steps.add_argument("--period", metavar="PERIOD", help="vary it in this period, or 2026..2030, only")
    steps.add_argument("--scenario", default="base", metavar="NAME", help="the scenario in which it is varied")
    steps.add_argument("--out", type=Path, metavar="DIR", help="the folder of the results")


def _add_plan(commands: argparse._SubParsersAction[_Parser]) -> None:
    plan = commands.add_parser("plan", help="what to build when one plan must do for several scenarios")
    plan.add_argument("workbook", type=Path, metavar="WORKBOOK")
    plan.add_argument(
        "--criterion", nargs="+", action="extend", metavar="NAME", help="expected, regret or cvar, or several of them"
    )
    plan.add_argument("--scenario", nargs="+", action="extend", metavar="NAME", help="these, not every one marked run")
    plan.add_argument("--out", type=Path, metavar="DIR", help="the folder of the results")


def _periods(text: str) -> tuple[str, str]:
    first, dots, last = (part.strip() for part in text.partition(".."))
    if not first or (dots and not last):
        raise argparse.ArgumentTypeError(f"{text!r} is no range of periods; write it as 2026..2030")
    return first, last or first


if __name__ == "__main__":
    sys.exit(main())
