"""From one cell to one typed value, by the kind of its column."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any, Final

from model.workbook.columns import LARGEST, SMALLEST, Column
from model.workbook.names import NAME_RULE, name_fault
from model.workbook.raw import Unusable, label
from model.workbook.sheets import UNLIMITED

_FRACTION: Final = re.compile(r"(\d+)\s*/\s*(\d+)")
_NUMBER_INSIDE: Final = re.compile(r"[-+−]?\d[\d\s.,'’]*(?:[eE][-+]?\d+)?")
_BOOLEANS: Final = {"yes": True, "no": False, "true": True, "false": False}
LONGEST_TEXT: Final = 32_767  # of a cell in Excel
_STRUCTURE: Final = frozenset(":@;,/*=>")


class CellError(ValueError):
    """A cell that does not fit its column: what is needed, and how to write it."""

    def __init__(self, needs: str, hint: str = "", found: str | None = None) -> None:
        super().__init__(needs)
        self.needs, self.hint, self.found = needs, hint, found


def show(value: object) -> str:
    """A cell's content as a message shows it."""
    if isinstance(value, Unusable):
        return value.found
    if isinstance(value, float):
        return "unlimited" if math.isinf(value) else f"{value:.12g}"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    return str(value)


def number(value: Any, column: Column) -> float:
    """A number within the column's limits; infinity for ``unlimited``."""
    kind = type(value)
    if kind is not float and kind is not int:
        if kind is not str:
            raise CellError(column.needs, _not_a_number(value, column))
        return _number_from_text(value, column)
    if not fits(value, column):
        raise CellError(column.needs, _size_hint(value, column) or column.hint)
    return float(value)


def fits(value: float, column: Column) -> bool:
    """Whether a number is within the column's limits."""
    if value == math.inf:
        return column.unlimited
    if any(value == stands_for for _, stands_for in column.literals):
        return True
    return not (
        math.isnan(value)
        or abs(value) >= LARGEST
        or (column.above == 0 and value < SMALLEST)
        or value == -math.inf
        or (column.at_least is not None and value < column.at_least)
        or (column.above is not None and value <= column.above)
        or (column.at_most is not None and value > column.at_most)
        or (column.below is not None and value >= column.below)
        or (column.whole and value != int(value))
    )


def _size_hint(value: float, column: Column) -> str:
    """Why a number is no quantity, where its size is the reason."""
    if abs(value) >= LARGEST:
        instead = f" Write {UNLIMITED!r} where there is no limit." if column.unlimited else ""
        return f"Numbers of {LARGEST:g} and more are not reckoned with.{instead}"
    if column.above == 0 and 0 < value < SMALLEST:
        return f"Numbers below {SMALLEST:g} are not reckoned with."
    return ""


def _not_a_number(value: object, column: Column) -> str:
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        hint = "The cell is formatted as a date or time: format it as a number and type the number again."
        return hint + (" Write =1/12 for a twelfth." if column.fraction else "")
    return "Yes and no are no numbers." if isinstance(value, bool) else ""


def _number_from_text(text: str, column: Column) -> float:
    if text.lower() == UNLIMITED:
        if not column.unlimited:
            raise CellError(column.needs, f"{UNLIMITED!r} may not stand here.")
        return math.inf
    for word, stands_for in column.literals:
        if text.lower() == word:
            return stands_for
    fraction = _FRACTION.fullmatch(text) if column.fraction else None
    if fraction and int(fraction[2]):
        return number(int(fraction[1]) / int(fraction[2]), column)
    raise CellError(column.needs, number_hint(text) or column.hint)


def number_hint(text: str) -> str:
    """What number a text looks like, in words; "" where it looks like none."""
    found = _NUMBER_INSIDE.findall(text)
    if len(found) != 1:
        return "Write 'unlimited' in full." if text.lower() in ("inf", "infinite", "infinity", "∞", "no limit") else ""
    digits = re.sub(r"[\s'’]", "", found[0]).replace("−", "-").rstrip(".,")
    rest = text.replace(found[0].strip(), "", 1).strip()
    if rest == "%":
        share = _readings(digits)
        if share:
            return f"The cell is text: write {float(share[0]) / 100:.12g}, or format the cell as a percentage."
    readings = " or ".join(_readings(digits))
    if not readings:
        return ""
    hint = f"The cell is text; it looks like the number {readings}: type that number"
    return hint + (" alone; a unit belongs into the row's unit column." if rest else ".")


def _readings(digits: str) -> list[str]:
    """Numbers that digits with points and commas may stand for: ``1,200`` is 1.2 or 1200."""
    marks = [c for c in digits if c in ".,"]
    if not marks:
        candidates = [digits]
    elif len(set(marks)) == 2:
        thousands = marks[0]
        candidates = [digits.replace(thousands, "").replace(",", ".")]
    elif len(marks) > 1:
        candidates = [digits.replace(marks[0], "")]
    elif marks[0] == "," and re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", digits):
        candidates = [digits.replace(",", "."), digits.replace(",", "")]
    else:
        candidates = [digits.replace(",", ".")]
    readings = []
    for candidate in candidates:
        try:
            readings.append(f"{float(candidate):.12g}")
        except ValueError:
            continue
    return readings


def text(value: Any, column: Column) -> str:
    """Any text; numbers and dates as they read."""
    found = label(value)
    wrong = sorted({c for c in found if c < " " and c not in "\t\r\n"} | {c for c in found if "\x7f" <= c < "\xa0"})
    if wrong:
        shown = " ".join(f"U+{ord(c):04X}" for c in wrong)
        raise CellError(column.needs, f"It holds control characters ({shown}), which cannot be shown.")
    if len(found) > LONGEST_TEXT:
        raise CellError(f"{column.needs} of at most {LONGEST_TEXT:,} characters")
    return found


def place(value: Any, column: Column) -> str:
    """A country or the like: a text that can stand in a list and in a selector."""
    name = label(value)
    wrong = sorted(_STRUCTURE.intersection(name))
    if wrong:
        raise CellError(column.needs, f"It may not hold {' '.join(wrong)}, which separate names.")
    return name


def name(value: Any, column: Column) -> str:
    """A row's own name."""
    found = label(value)
    fault = name_fault(found)
    if fault:
        raise CellError(NAME_RULE if column.kind == "name" else column.needs, fault, found)
    return found


def choice(value: Any, column: Column) -> str:
    """One of the column's choices, in its declared spelling."""
    found = label(value)
    if found in column.choices:
        return found
    folded = {one.casefold(): one for one in column.choices}
    if found.casefold() not in folded:
        raise CellError(column.needs)
    return folded[found.casefold()]


def yes_no(value: Any, column: Column) -> bool:
    """Yes or no, as a word or as Excel's TRUE and FALSE."""
    if isinstance(value, bool):
        return value
    found = label(value).casefold()
    if found not in _BOOLEANS:
        raise CellError(column.needs)
    return _BOOLEANS[found]


def references(value: Any, column: Column) -> tuple[str, ...]:
    """Several names, separated by commas."""
    names = tuple(filter(None, (part.strip() for part in label(value).split(","))))
    if not names:
        raise CellError(column.needs)
    for one in names:
        if names.count(one) > 1:
            raise CellError(column.needs, f"{one!r} stands there twice.")
    return names


def shares(value: Any, column: Column) -> tuple[tuple[str, float], ...]:
    """Names with shares, normalised to a sum of one; a single name has all of it."""
    parts = list(filter(None, (part.strip() for part in label(value).split(","))))
    if not parts:
        raise CellError(column.needs)
    found: dict[str, float] = {}
    for part in parts:
        who, amount = _share(part, alone=len(parts) == 1)
        if not amount > 0 or not who or _STRUCTURE.intersection(who):
            raise CellError(column.needs, f"{part!r} is not a name followed by a share above 0.")
        if who in found:
            raise CellError(column.needs, f"{who!r} stands there twice.")
        found[who] = amount
    total = sum(found.values())
    return tuple((who, amount / total) for who, amount in found.items())


def _share(part: str, *, alone: bool) -> tuple[str, float]:
    who, _, last = part.rpartition(" ")
    try:
        amount = float(last.removesuffix("%"))
    except ValueError:
        return (part, 1.0) if alone else ("", 0.0)
    # a single 'Block 15' is a name, a single 'Kazakhstan 100' a share of all
    if alone and amount not in (1.0, 100.0):
        return part, 1.0
    return (who.strip(), amount) if who else (part, 1.0 if alone else 0.0)


def period_range(value: Any, column: Column) -> tuple[str, str]:
    """First and last label of ``2026`` or ``2026..2030``."""
    first, dots, last = (part.strip() for part in label(value).partition(".."))
    if not first or (dots and not last):
        raise CellError(column.needs)
    return first, last or first


def becomes(value: Any, column: Column) -> dict[str, str]:
    """``{"": grade}`` where all become one grade, else a dict of pairs ``a > b``."""
    found = label(value)
    if ">" not in found:
        if "," in found:
            raise CellError(column.needs, "For several grades write pairs, such as 'a > b, c > d'.")
        return {"": found}
    pairs: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in found.split(","))):
        before, arrow, after = (piece.strip() for piece in part.partition(">"))
        if not before or not arrow or not after or ">" in after:
            raise CellError(column.needs, f"{part!r} is not a pair 'a > b'.")
        if before in pairs:
            raise CellError(column.needs, f"{before!r} stands there twice.")
        pairs[before] = after
    return pairs


def as_found(value: Any, _: Column) -> Any:
    """A value whose type another column of the row decides: numbers as numbers, the rest as it reads."""
    return value if isinstance(value, (bool, int, float)) else label(value)


PARSERS: Final[dict[str, Callable[[Any, Column], Any]]] = {
    "name": name,
    "text": text,
    "number": number,
    "choice": choice,
    "yes/no": yes_no,
    "reference": text,
    "references": references,
    "shares": shares,
    "period": text,
    "periods": period_range,
    "unit": text,
    "becomes": becomes,
    "selector": text,
    "value": as_found,
}
