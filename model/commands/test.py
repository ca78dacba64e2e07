"""``test``: the tests of this programme."""

from __future__ import annotations

import argparse

from model.report.console import Screen


def run(arguments: argparse.Namespace, _: Screen) -> int:
    """Run pytest with the given options; returns the exit code."""
    import pytest

    from model.cli import ROOT

    code = pytest.main(
        ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), *arguments.options, str(ROOT / "tests")]
    )
    return int(code)
