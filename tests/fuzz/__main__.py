"""Many cases of one seed; prints the counts as one line of JSON, and each fault before it."""

from __future__ import annotations

import argparse
import json
import sys

from tests.fuzz.campaign import campaign


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    counts = campaign(chosen.cases, chosen.seed, lambda text: sys.stderr.write(f"{text}\n\n"))
    sys.stdout.write(json.dumps(counts) + "\n")
    sys.exit(1 if counts["faults"] else 0)


if __name__ == "__main__":
    main()
