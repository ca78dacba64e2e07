"""Where things are on the map: outlines, places in Mercator's projection, and the frame that holds them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from model.case import Case

OUTLINES: Final = Path(__file__).parent / "assets" / "countries.geojson"
_MARGIN: Final = 0.04  # of the frame's longer side
_CLOSE: Final = 0.15
_LEAST: Final = 2.0  # degrees, so that a single place has a frame
_NAMED: Final = 2.5  # square degrees of the map: what is smaller has no room for its name


def northing(latitude: float) -> float:
    """Mercator's ordinate in degrees of the equator; the poles are cut off at 85 degrees."""
    radians = math.radians(max(-85.0, min(85.0, latitude)))
    return math.degrees(math.log(math.tan(math.pi / 4 + radians / 2)))


def map_of(case: Case) -> dict[str, Any]:
    """The map's places, outlines and frames; places without coordinates are listed, those outside are on the edge.

    ``frame`` holds what outlines there are around the places, ``close`` the fields. Where fewer than half of the
    places lie within the outlines, these are left out and the frame is of the places alone.
    """
    places, missing = _places(case)
    shapes = json.loads(OUTLINES.read_text(encoding="utf-8"))
    west, south, east, north = shapes["bbox"]
    drawn = (west, northing(south), east, northing(north))
    inside = [one for one in places if _within(one["x"], one["y"], drawn)]
    covered = bool(inside) and 2 * len(inside) >= len(places)
    frame = _frame(
        [(one["x"], one["y"]) for one in (inside if covered else places)], _MARGIN, drawn if covered else None
    )
    for one in places:
        one["edge"] = not _within(one["x"], one["y"], frame)
        if one["edge"]:
            one["x"], one["y"] = _to_edge(one["x"], one["y"], frame)
    sources = [(one["x"], one["y"]) for one in places if one["kind"] == "field" and not one["edge"]]
    return {
        "places": places,
        "missing": missing,
        "frame": frame,
        "close": _frame(sources, _CLOSE, frame) if sources else frame,
        "outlines": list(_rings(shapes)) if covered else [],
        "names": _names(shapes, frame) if covered else [],
        "about": [shapes[key] for key in ("source", "changes", "disclaimer")] if covered else [],
    }


def _places(case: Case) -> tuple[list[dict[str, Any]], list[str]]:
    nodes = case["Nodes"]
    latitude, longitude = (case.number("Nodes", name)[:, 0].tolist() for name in ("latitude", "longitude"))
    labels, kinds, countries = (case.word("Nodes", name) for name in ("label", "kind", "country"))
    places, missing = [], []
    for row, name in enumerate(nodes.keys):
        label = labels[row] or name
        if math.isnan(latitude[row]) or math.isnan(longitude[row]):
            missing.append(label)
            continue
        where = {"x": longitude[row], "y": round(northing(latitude[row]), 4)}
        places.append({"name": name, "label": label, "kind": kinds[row], "country": countries[row], **where})
    return places, missing


def _within(x: float, y: float, box: Sequence[float]) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _frame(points: Sequence[tuple[float, float]], margin: float, limit: Sequence[float] | None) -> list[float]:
    """The box around points with a margin, within a limit."""
    if not points:
        return [0.0, 0.0, _LEAST, _LEAST]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    wide = margin * max(max(xs) - min(xs), max(ys) - min(ys), _LEAST) + _LEAST / 4
    box = [min(xs) - wide, min(ys) - wide, max(xs) + wide, max(ys) + wide]
    if limit is not None:
        box = [max(box[0], limit[0]), max(box[1], limit[1]), min(box[2], limit[2]), min(box[3], limit[3])]
    return [round(value, 3) for value in box]


def _to_edge(x: float, y: float, frame: Sequence[float]) -> tuple[float, float]:
    """Where the line from the frame's middle to a place outside meets the frame, a little inside."""
    middle = ((frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2)
    half = ((frame[2] - frame[0]) / 2, (frame[3] - frame[1]) / 2)
    reach = max(abs(x - middle[0]) / half[0], abs(y - middle[1]) / half[1])
    return tuple(round(m + 0.985 * (p - m) / reach, 3) for m, p in zip(middle, (x, y), strict=True))  # type: ignore[return-value]


def _rings(shapes: Mapping[str, Any]) -> Iterator[list[list[float]]]:
    """Outer borders as [longitudes, northings]."""
    for feature in shapes["features"]:
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        for ring in (ring for part in parts for ring in part):
            yield [[x for x, _ in ring], [round(northing(y), 2) for _, y in ring]]


def _area(ring: Sequence[Sequence[float]]) -> float:
    """Square degrees within a closed line of x and y (the surveyor's formula)."""
    x, y = ring
    return abs(sum(x[i - 1] * y[i] - x[i] * y[i - 1] for i in range(len(x)))) / 2


def _names(shapes: Mapping[str, Any], frame: Sequence[float]) -> list[dict[str, Any]]:
    found = [
        {
            "name": one["properties"]["name"],
            "x": one["properties"]["label_lon"],
            "y": round(northing(one["properties"]["label_lat"]), 2),
        }
        for one in shapes["features"]
        if sum(_area(ring) for ring in _rings({"features": [one]})) >= _NAMED
    ]
    return [one for one in found if _within(one["x"], one["y"], frame)]
