"""What was tried to break the programme and what came of it: measures it and writes it into the README.

    python tests/benchmarks/reliability.py [hostile kills fuzz scale ...]

Each part that is named (all, if none is) is measured again and kept in ``reliability.json`` beside this file; from that
the tables between the two marks of the README are written. All of it takes about half an hour.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

KEPT: Final = Path(__file__).with_suffix(".json")
README: Final = ROOT / "README.md"
MARKS: Final = ("<!-- reliability.py writes this -->", "<!-- to here -->")
KILLS, FUZZ, SEED = 200, 2_000, 1


def hostile() -> dict[str, Any]:
    """Bad files: how many were refused, how many read like any other, and the worst time and memory."""
    from tests.hostile import FILES, outcomes
    from tests.test_hostile import wrong

    with tempfile.TemporaryDirectory() as folder:
        found = outcomes(Path(folder))
    return {
        "tried": len(found),
        "read": sum(one["code"] == 0 for one in found.values()),
        "wrong": sum(bool(wrong(FILES[what], one)) for what, one in found.items()),
        "seconds": max(one["seconds"] for one in found.values()),
        "mb": max(one["peak"] for one in found.values()),
    }


def kills() -> dict[str, Any]:
    """Runs of each command that were killed at seeded moments."""
    return _counts(["tests.kills", "--kills", str(KILLS), "--seed", str(SEED)])


def fuzz() -> dict[str, Any]:
    """Spoilt workbooks and random networks."""
    return _counts(["tests.fuzz", "--cases", str(FUZZ), "--seed", str(SEED)])


def scale() -> list[dict[str, Any]]:
    """Synthetic networks of every size."""
    from tests.benchmarks.bench_scale import measured

    return list(measured())


def _counts(module: Sequence[str]) -> dict[str, Any]:
    """What a module of the tests prints; its exit code only says whether there were faults, which is counted."""
    done = subprocess.run([sys.executable, "-m", *module], cwd=ROOT, capture_output=True, text=True, check=False)
    sys.stderr.write(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


PARTS: Final[dict[str, Callable[[], Any]]] = {"hostile": hostile, "kills": kills, "fuzz": fuzz, "scale": scale}


def section(kept: dict[str, Any]) -> str:
    """The tables in the README's form."""
    lines = ["| tried | how often | outcome |", "|---|---|---|"]
    lines += [f"| {what} | {often} | {came} |" for what, often, came in _tried(kept)]
    lines += ["", *_scale(kept["scale"])]
    return "\n".join(lines)


def _tried(kept: dict[str, Any]) -> list[tuple[str, str, str]]:
    bad, cases, killed = kept["hostile"], kept["fuzz"], kept["kills"]
    names = ", ".join(f"`{name}`" for name in killed)
    runs = sum(one["tried"] for one in killed.values())
    lost = runs - sum(one["survived"] for one in killed.values())
    errors, none = cases["clean error"], cases["no answer"]
    return [
        (
            "hostile and broken files",
            f"{bad['tried']:,}",
            f"{bad['tried'] - bad['read']} refused with the reason, {bad['read']} read like any other, "
            f"{bad['wrong']} otherwise; at most {bad['seconds']:.1f} s and {bad['mb']:.0f} MB, nothing left behind",
        ),
        (
            f"processes killed at any moment ({names})",
            f"{runs:,}",
            f"earlier results whole and the next run clean, but for {lost}",
        ),
        (
            "spoilt workbooks; random networks, solved by another formulation and solver too, and told anew",
            f"{cases['cases']:,}",
            f"{errors:,} errors that name the cell, {none:,} without a plan and told why, "
            f"{cases['closed']:,} results that add up, {cases['faults']} faults",
        ),
    ]


def _scale(found: Sequence[dict[str, Any]]) -> list[str]:
    from tests.benchmarks.bench_scale import growth

    lines = [
        "| variables | joined by | all, s | cold solve, s | ratio | ties broken | µs per nonzero | grows with | MB |",
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    before: dict[str, dict[str, Any]] = {}
    for one in found:
        small = before.get(one["joined"])
        before[one["joined"]] = one
        cells = (
            f"{one['columns']:,}",
            one["joined"] or "nothing",
            f"{one['total']:.2f}",
            f"{one['seconds']['raw']:.2f}",
            f"{one['ratio']:.2f}",
            f"{one['tied_ratio']:.2f}",
            f"{1e6 * one['total'] / one['nonzeros']:.1f}",
            f"n^{growth(small, one):.2f}" if small else "",
            f"{one['peak']:.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def placed(readme: str, text: str) -> str:
    """The README with other text between the marks."""
    head, _, rest = readme.partition(MARKS[0])
    _, _, tail = rest.partition(MARKS[1])
    return f"{head}{MARKS[0]}\n{text}\n{MARKS[1]}{tail}"


def main() -> None:
    """Measure the parts that are named, keep them, and write the tables."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for name in sys.argv[1:] or PARTS:
        print(f"measuring {name} …", flush=True)
        kept[name] = PARTS[name]()
        KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if PARTS.keys() <= kept.keys():
        text = section(kept)
        print(text)
        README.write_text(placed(README.read_text(encoding="utf-8"), text), encoding="utf-8")


if __name__ == "__main__":
    main()
