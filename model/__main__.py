"""``python -m model`` is the command line without the set-up of ``run.py``."""

from __future__ import annotations

import sys

from model.cli import main

if __name__ == "__main__":
    sys.exit(main())
