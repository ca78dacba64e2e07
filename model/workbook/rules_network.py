"""Links, assets and fleets must fit together."""

from __future__ import annotations

import difflib

import numpy as np

from model.workbook.draft import Draft
from model.workbook.goods import Good, Goods
from model.workbook.names import Names


def check_network(draft: Draft, goods: Goods) -> None:
    """Grades that links turn into each other, fees in kind, uses of assets and fleets."""
    for row, entering in enumerate(goods.of_links):
        _check_becomes(draft, goods, row, entering)
    _check_fees(draft)
    for row in range(len(draft["Uses"])):
        _check_use(draft, goods, row)
    _check_overlaps(draft)


def _check_becomes(draft: Draft, goods: Goods, row: int, entering: tuple[Good, ...]) -> None:
    data = draft["Links"]
    becomes, carried = data.words["becomes"][row], data.words["commodity"][row]
    if not becomes or carried is None:
        return
    for before in becomes:
        if before and before not in carried:
            hint = Names(carried).hint(before)
            draft.fault(("Links", row, "becomes"), "pairs that begin with a commodity of this link", hint, before)
    for good in entering:
        grade = becomes.get(good.name, becomes.get("", good.name))
        after = goods.by_name.get(grade)
        if after and after.unit != good.unit:
            needs = f"a grade in {good.unit}, as {good.name!r} is; {grade!r} is in {after.unit}"
            draft.fault(("Links", row, "becomes"), needs)
            return


def _check_fees(draft: Draft) -> None:
    data = draft["Links"]
    varied = data.numbers["fee_in_kind"].max(axis=1, initial=0.0) > 0
    for row, node in enumerate(data.words["fee_to"]):
        if node and not data.given["fee_in_kind"][row] and not varied[row]:
            needs = "a share, since fee_to says where it appears"
            draft.fault(
                ("Links", row, "fee_in_kind"), needs, "Write 0 where there is no fee for now, or leave fee_to blank."
            )


def _check_use(draft: Draft, goods: Goods, row: int) -> None:
    words = draft["Uses"].words
    link, holder, only = words["link"][row], words["asset"][row], words["commodity"][row]
    position = draft["Links"].position.get(link or "")
    if position is None:
        return
    carried = draft["Links"].words["commodity"][position]
    if only and carried is not None and only not in carried:
        hint = f"It carries {', '.join(carried)}."
        near = difflib.get_close_matches(only, carried, 1)
        hint += f" Nearest valid name: {near[0]!r}." if near else ""
        draft.fault(("Uses", row, "commodity"), f"a commodity that the link {link!r} carries", hint)
        return
    if holder in draft["Fleets"].position:
        _check_fleet_use(draft, row, position, goods.named(only) or goods.of_links[position])
    elif holder in draft["Assets"].position and np.isfinite(draft["Uses"].numbers["load_factor"][row]).any():
        draft.fault(("Uses", row, "load_factor"), f"a blank cell, since {holder!r} is no fleet")


def _check_fleet_use(draft: Draft, row: int, link: int, carried: tuple[Good, ...]) -> None:
    fleet = draft["Uses"].words["asset"][row]
    wrong = [good.name for good in carried if good.unit != "Mt"]
    if wrong:
        needs = f"commodities in Mt, since {fleet!r} is a fleet; {wrong[0]!r} is not"
        column = "commodity" if draft["Uses"].cell(row, "commodity") else "asset"
        draft.fault(("Uses", row, column), needs)
    if not draft["Links"].given["distance_km"][link] and (link, "distance_km") not in draft["Links"].bad:
        draft.fault(("Links", link, "distance_km"), f"a distance, since the fleet {fleet!r} sails it")


def _check_overlaps(draft: Draft) -> None:
    data = draft["Uses"]
    words = data.words
    whole = {
        (link, asset): row
        for row, (link, asset, only) in enumerate(zip(words["link"], words["asset"], words["commodity"], strict=True))
        if not data.cell(row, "commodity")
    }
    for row, pair in enumerate(zip(words["link"], words["asset"], strict=True)):
        if words["commodity"][row] and pair in whole and None not in pair:
            letter, number = data.raw.letters.get("link", ""), data.raw.rows[whole[pair]][0]
            hint = f"Uses!{letter}{number} holds for all commodities: write one row for all, or one row for each."
            draft.fault(("Uses", row, "commodity"), "a use that is counted once", hint)
