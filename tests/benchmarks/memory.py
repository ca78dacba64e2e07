"""Peak memory of this process."""

from __future__ import annotations

import resource
from pathlib import Path


def peak_mb() -> float:
    """Peak memory so far, MB; on Linux that of this programme alone, not of the process that started it."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines() if ":" in line)
        return float(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
