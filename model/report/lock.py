"""One run at a time into one folder; the system lets go of the lock when a process ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO, Final

from model.errors import UsageError

# beyond the process number, which another run must be able to read while the lock is held
_FAR: Final = 1 << 20


class FolderLock:
    """Holds a folder from ``take`` to ``release``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".lock"
        self._file: BinaryIO | None = None

    def take(self) -> None:
        """Take the folder; UsageError where another run has it."""
        file = self.path.open("a+b")
        try:
            _lock(file)
        except OSError as error:
            file.seek(0)
            holder = file.read(_FAR).decode(errors="replace").strip()
            file.close()
            message = f"Another run (process {holder or 'unknown'}) is writing to {self.path.parent}. "
            raise UsageError(message + "Wait for it to end, or give this one its own folder with --out.") from error
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let the folder go; a second call does nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
