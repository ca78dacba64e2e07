"""``test``: the tests of this programme."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from model.report.console import Screen

_WITH_A_WORD: Final = frozenset({"-k", "-m", "-p", "-o", "-c", "-W", "-r"})  # what follows them is no file


def run(arguments: argparse.Namespace, _: Screen) -> int:
    """Run pytest with the given options, on every test unless some are named; returns the exit code."""
    import pytest

    from model.cli import ROOT

    options = list(arguments.options)
    if not _names_tests(options):
        options.append(str(ROOT / "tests"))
    return int(pytest.main(["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), *options]))


def _names_tests(options: Sequence[str]) -> bool:
    """Whether options name a file, a folder or one test of a file; a Python file that is not there is one too."""
    words = [word for before, word in pairwise(["", *options]) if before not in _WITH_A_WORD and word[:1] != "-"]
    paths = [word.split("::")[0] for word in words]
    return any(path.endswith(".py") or Path(path).exists() for path in paths)
