"""A script that a launcher starts several times, such as torchrun: rank 0 speaks, the others follow."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import threading
import time
from typing import Any, Dict, Optional

from .channel import Channel
from .session import Session

_RANKS = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID")
_COUNTS = ("LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_NTASKS")
#: More updates than any tune asks for.
_FOR_EVER = 2**62


def rank() -> int:
    return _number(_RANKS, 0)


def hand_over(begin: Dict[str, Any]) -> None:
    """Tells the other processes of this launcher on this machine what rank 0 was told."""
    for other in range(1, _number(_COUNTS, 1)):
        path = _path(other)
        handle = os.open(path + ".part", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(begin, file)
        os.rename(path + ".part", path)


class Follower(Session):
    """
    A process that makes the updates that rank 0 makes. It never waits for the tuner: the exchange of
    gradients waits for rank 0.
    """

    def __init__(self) -> None:
        super().__init__(_Silent())

    def script_ended(self) -> None:
        # Leaving would end the others, which may still be asked for their last loss.
        while True:
            time.sleep(3600)

    def script_failed(self, fault: Dict[str, Any], out_of_memory: bool) -> None:
        os._exit(1)

    def fault(self, reason: str, values: Dict[str, Any]) -> None:
        sys.stderr.write("rank %d: %s\n" % (rank(), reason))
        os._exit(1)


class _Silent(Channel):
    """Says nothing, and is told what rank 0 was told and then to go on."""

    def __init__(self) -> None:
        super().__init__()
        # All share the input of the launcher: none but rank 0 may read of it.
        os.close(self._input)
        self.calls: Any = self
        self._parent = os.getppid()
        self._is_begun = False

    def listen(self) -> None:
        threading.Thread(target=self._end_with_launcher, name="batchwise", daemon=True).start()

    def get(self) -> Dict[str, Any]:
        if self._is_begun:
            given = {"iterations": _FOR_EVER, "maxSeconds": math.inf}
            return {"id": 0, "name": "advance", "input": given}
        self._is_begun = True
        begin = _handed_over()
        begin["limitBytes"] = None
        if begin.get("discover"):
            begin["discover"] = {"updates": _FOR_EVER, "mostUpdates": _FOR_EVER, "seconds": math.inf}
        return {"id": 0, "name": "begin", "input": begin}

    def _post(self, message: Dict[str, Any]) -> None:
        pass

    def _end_with_launcher(self) -> None:
        while os.getppid() == self._parent:
            time.sleep(0.2)
        os._exit(1)


def _handed_over() -> Dict[str, Any]:
    path = _path(rank())
    while True:
        try:
            if os.lstat(path).st_uid == os.getuid():
                with open(path) as file:
                    begin = json.load(file)
                os.unlink(path)
                return dict(begin)
        except FileNotFoundError:
            pass
        time.sleep(0.02)


def _path(other: int) -> str:
    """Of one launcher's process alone: a number of a process may come again, but not so soon."""
    parent = os.getppid()
    return os.path.join(
        tempfile.gettempdir(), "batchwise-%d-%s-%d.json" % (parent, _started(parent) or "", other)
    )


def _started(pid: int) -> Optional[str]:
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return None


def _number(names: Any, default: int) -> int:
    for name in names:
        value = os.environ.get(name, "")
        if value.isdigit():
            return int(value)
    return default
