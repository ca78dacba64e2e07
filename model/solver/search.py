"""A search over whole units that Ctrl-C can end, so that the best plan found until then is kept."""

from __future__ import annotations

import threading
from typing import Final

import highspy

# how long Ctrl-C may go unheard: not every system lets it interrupt a wait
_HEARING: Final = 0.1


class Search:
    """One run of the solver in a thread of its own, while this one listens for Ctrl-C."""

    def __init__(self, highs: highspy.Highs) -> None:
        self.highs = highs
        self._ended = threading.Event()
        self._stop = threading.Event()
        self._fault: BaseException | None = None

    def run(self, *, keep: bool) -> bool:
        """Search until the end or Ctrl-C; returns whether it was stopped and left a plan.

        With ``keep`` the first Ctrl-C ends the search at the solver's next check, the second raises; without it the
        first does.

        Raises
        ------
        KeyboardInterrupt
            Where there is nothing to keep, or it is not to be kept.
        """
        if threading.current_thread() is not threading.main_thread():
            # only the main thread hears Ctrl-C
            self.highs.run()
            return False
        self.highs.cbMipInterrupt += self._heed
        thread = threading.Thread(target=self._search)
        thread.start()
        try:
            self._listen()
        except KeyboardInterrupt:
            self._stop.set()
            if not keep:
                raise
            self._listen()
        finally:
            # a search that a second Ctrl-C left behind ends by itself, and must be told to
            if self._ended.is_set():
                thread.join()
                self.highs.cbMipInterrupt -= self._heed
        if self._fault is not None:
            raise self._fault
        return self._left_a_plan()

    def _heed(self, event: highspy.highs.HighsCallbackEvent) -> None:
        # said each time: HiGHS remembers what an earlier search was told
        event.interrupt(self._stop.is_set())

    def _search(self) -> None:
        try:
            self.highs.run()
            # the solver's helpers belong to this thread, which ends here
            highspy.Highs.resetThreadScheduler(False)
        except BaseException as fault:
            self._fault = fault
        finally:
            self._ended.set()

    def _listen(self) -> None:
        while not self._ended.wait(_HEARING):
            pass

    def _left_a_plan(self) -> bool:
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kInterrupt:
            return False
        if self.highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            raise KeyboardInterrupt
        return True
