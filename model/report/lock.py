"""One run at a time into one folder; the system lets go of the lock when a process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from model.errors import UsageError

# beyond the process number, which another run must be able to read while the lock is held
_FAR: Final = 1 << 20
_PAUSE: Final = 0.05


class FolderLock:
    """Holds a folder from ``take`` to ``release``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".lock"
        self._file: BinaryIO | None = None

    def take(self, patience: float = 0.0) -> None:
        """Take the folder; UsageError where another run still has it after so many seconds."""
        end = time.monotonic() + patience
        while True:
            file = self.path.open("a+b")
            try:
                _lock(file)
            except OSError as error:
                holder = _holder(file)
                file.close()
                if time.monotonic() < end:
                    time.sleep(_PAUSE)
                    continue
                message = f"Another run (process {holder or 'unknown'}) is writing to {self.path.parent}. "
                raise UsageError(message + "Wait for it to end, or give this one its own folder with --out.") from error
            if self._is_current(file):
                break
            file.close()
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let the folder go; a second call does nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Let the folder go and leave no file, so that the folder can be removed."""
        if sys.platform == "win32":
            self.release()  # a file that is open cannot be removed there
        with suppress(PermissionError):  # another run waits for it
            self.path.unlink(missing_ok=True)
        self.release()

    def _is_current(self, file: BinaryIO) -> bool:
        """Whether the file that was locked is still the one in the folder: the run before may have removed it."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False


def _holder(file: BinaryIO) -> str:
    file.seek(0)
    return file.read(_FAR).decode(errors="replace").strip()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
