"""Programmes outside Python that some tests need: without them those are skipped, or fail if DEMAND_PROGRAMS is set."""

from __future__ import annotations

import os
import shutil
from typing import Final

import pytest

VARIABLE: Final = "DEMAND_PROGRAMS"


def program(*names: str) -> str:
    """The first of some programmes that is here; else the test is skipped, or fails where they are demanded."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    message = f"needs {' or '.join(names)}, which is not installed"
    if os.environ.get(VARIABLE):
        pytest.fail(f"{message}; {VARIABLE} is set")
    pytest.skip(message)
