"""The process of one trial, in an actor of a Ray cluster.

This file is sent to the cluster as it is: it imports nothing of its own package.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from typing import Any, Dict, List, Optional, Tuple

#: A script that prints more than this waits until it is read.
_MOST_HELD = 2**20
#: What names the process of a rank, and how many there are: of the cluster's own start, such as by srun.
_RANKS = ("RANK", "LOCAL_WORLD_SIZE", "OMPI_", "PMI_", "PMIX_", "MPI_", "SLURM_PROCID", "SLURM_NTASKS")

#: Pieces of what was written, each with whether it is the channel's; how it ended, once it has.
Taken = Tuple[List[Tuple[bool, bytes]], Optional[int]]


class Place:
    """Starts the runner in a process group of its own, and passes on what is said to it and by it."""

    def __init__(self, files: Dict[str, bytes], digest: str) -> None:
        runner = os.path.join(_unpacked(files, digest), "run.py")
        own = {name: value for name, value in os.environ.items() if not name.startswith(_RANKS)}
        self._process = subprocess.Popen(
            [sys.executable, "-B", runner],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**own, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        self._changed = threading.Condition()
        self._pieces: List[Tuple[bool, bytes]] = []
        self._held = 0
        self._status: Optional[int] = None
        pumps = [
            self._start(self._pump, self._process.stdout, True),
            self._start(self._pump, self._process.stderr, False),
        ]
        self._start(self._watch, pumps)

    def whereabouts(self) -> Dict[str, Any]:
        return {"host": platform.node(), "pid": self._process.pid}

    def give(self, data: bytes) -> None:
        """To the runner's stdin; nothing where it has ended."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except (OSError, ValueError):
            pass

    def take(self) -> Taken:
        """Waits until something was written, or until the process and all that it started are gone."""
        with self._changed:
            self._changed.wait_for(lambda: self._pieces or self._status is not None)
            pieces, self._pieces, self._held = self._pieces, [], 0
            self._changed.notify_all()
            return pieces, None if pieces else self._status

    def end(self, signal_name: Optional[str]) -> None:
        """Ends its stdin, upon which it ends; or signals it and all that it started."""
        if signal_name is not None:
            self._signal_group(getattr(signal, signal_name, signal.SIGTERM))
            return
        try:
            assert self._process.stdin is not None
            self._process.stdin.close()
        except (OSError, ValueError):
            pass

    def _start(self, work: Any, *given: Any) -> threading.Thread:
        thread = threading.Thread(target=work, args=given, daemon=True)
        thread.start()
        return thread

    def _pump(self, source: Any, is_channel: bool) -> None:
        while True:
            piece = os.read(source.fileno(), 65536)
            if not piece:
                return
            with self._changed:
                self._changed.wait_for(lambda: self._held < _MOST_HELD)
                self._pieces.append((is_channel, piece))
                self._held += len(piece)
                self._changed.notify_all()

    def _watch(self, pumps: List[threading.Thread]) -> None:
        status = self._process.wait()
        self._signal_group(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        for pump in pumps:
            # What it wrote last; a process in a group of its own may hold the pipes open.
            pump.join(1)
        with self._changed:
            self._status = status
            self._changed.notify_all()

    def _signal_group(self, kind: int) -> None:
        try:
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, kind)
            else:
                self._process.send_signal(kind)
        except OSError:
            pass


def _unpacked(files: Dict[str, bytes], digest: str) -> str:
    """A folder with the runner: one for each version of it and each user, written once."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = os.path.join(tempfile.gettempdir(), "batchwise-runner-%d-%s" % (user, digest))
    if not os.path.lexists(folder):
        made = tempfile.mkdtemp(prefix="batchwise-runner-")
        for name, data in files.items():
            file = os.path.join(made, *name.split("/"))
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "wb") as opened:
                opened.write(data)
        try:
            os.rename(made, folder)
        except OSError:
            # Another trial was faster.
            shutil.rmtree(made, ignore_errors=True)
    about = os.lstat(folder)
    if os.path.islink(folder) or (hasattr(os, "getuid") and about.st_uid != user):
        raise PermissionError("%s belongs to another user" % folder)
    return folder
