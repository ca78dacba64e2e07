"""An existing Dask cluster as the place where the runs of a batch are solved (the optional extra ``cluster``)."""

from __future__ import annotations

import logging
from concurrent.futures import Executor
from typing import Any, Final

from model.errors import ModelError, UsageError
from model.version import __version__

# seconds in which a cluster must answer
PATIENCE: Final = 10
# whole deaths of workers that one chunk may see before it is tried run by run
_RETRIES: Final = 3


class Cluster:
    """The workers of a Dask scheduler; Dask itself gives what a dead worker had to another.

    Raises
    ------
    UsageError
        Where Dask is not installed, nothing answers at the address, or no worker can run this programme.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._client = _client(address)
        try:
            count = sum(_workers(self._client, address).values())
        except BaseException:
            self.close()
            raise
        self.ahead = 2 * count
        self._executor = self._client.get_executor(pure=False, retries=_RETRIES)

    def executor(self) -> Executor:
        """The cluster as an executor."""
        return self._executor  # type: ignore[no-any-return]

    def renew(self) -> None:
        """See that there are workers left."""
        if not self._client.scheduler_info()["workers"]:
            raise ModelError(f"The cluster at {self.address} has no worker left; what is done is kept.")

    def close(self) -> None:
        """Leave the cluster; it goes on without this sweep."""
        self._client.close(timeout=PATIENCE)


def _client(address: str) -> Any:
    try:
        import distributed
    except ImportError:
        message = "A cluster needs Dask, which is not installed: python -m pip install distributed"
        raise UsageError(message) from None
    connect: Any = distributed.Client
    # its own report of a connection that fails is pages long
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        return connect(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        message = f"No cluster answers at {address!r} ({type(error).__name__}). "
        hint = "An address looks like tcp://10.0.0.5:8786; start one with: dask scheduler"
        raise UsageError(message + hint) from None


def _version() -> str:
    """Version of the programme where this is called."""
    return __version__


def _workers(client: Any, address: str) -> dict[str, int]:
    """Threads of each worker; all of them must be able to run the same programme."""
    found = {name: int(worker["nthreads"]) for name, worker in client.scheduler_info(n_workers=-1)["workers"].items()}
    if not found:
        raise UsageError(f"The cluster at {address} has no workers; start some with: dask worker {address}")
    try:
        versions = client.run(_version)
    except Exception as error:
        message = f"The workers of {address} cannot run this programme ({type(error).__name__}: {error}). "
        raise UsageError(message + "Start them in its folder, with its Python.") from None
    others = sorted({version for version in versions.values() if version != __version__})
    if others:
        message = f"Workers of {address} have version {', '.join(others)} of this programme; needed is {__version__}."
        raise UsageError(message)
    return found
