"""What several tests share: a workbook on disk, and the command line run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from model.workbook.template import write_workbook
from tests.export_case import Tables, export_tables

Command = Callable[..., int]


@pytest.fixture
def write_tables(tmp_path: Path) -> Callable[..., Path]:
    """Writes tables as a workbook of a given name into the test's own folder."""

    def write(tables: Tables | None = None, name: str = "roads.xlsx") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_workbook(path, tables or export_tables(), overwrite=True)

    return write


@pytest.fixture
def run_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line; default folders of results lie in the test's own folder."""
    from model import cli

    monkeypatch.setattr(cli, "OUTPUTS", tmp_path / "outputs")
    return lambda *arguments: cli.main([str(argument) for argument in arguments])
