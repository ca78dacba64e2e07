"""A programme handed to HiGHS: the quiet solver object and the conversion of arrays."""

from __future__ import annotations

import highspy
import numpy as np

from model.formulation.program import Program


class QuietHighs(highspy.Highs):
    """HiGHS that prints nothing: the stock object prints its banner while it is made, before any option can be set."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the name is HiGHS's)
        """Switch output off before the first call that would print."""
        self.silent()
        super().enableCallbacks()


def to_highs(program: Program) -> highspy.HighsLp:
    """The arrays as HiGHS takes them, rows by rows."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), len(program.row_lower)
    lp.col_cost_ = program.cost
    lp.col_lower_, lp.col_upper_ = program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    if len(program.whole):
        kinds = [highspy.HighsVarType.kContinuous] * len(program.cost)
        for position in program.whole.tolist():
            kinds[position] = highspy.HighsVarType.kInteger
        lp.integrality_ = kinds
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.start_ = program.starts.astype(np.int32)
    lp.a_matrix_.index_ = program.indices.astype(np.int32)
    lp.a_matrix_.value_ = program.matrix
    return lp
