"""JSON lines to and from the tuner, on the descriptors that were stdin and stdout."""

from __future__ import annotations

import json
import os
import queue
import signal
import threading
from typing import Any, Callable, Dict, Optional

from .pipes import line_of, taken_streams, write_all


def end_group() -> None:
    """Ends this process and all that it started: data-loader workers too."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(os.getpgrp(), signal.SIGKILL)
        except OSError:
            pass
    os._exit(1)


class Channel:
    """Calls arrive in a queue; `interrupt` is heard at once, and the end of stdin ends the process."""

    def __init__(self) -> None:
        # The script reads from nothing and prints to stderr, programs that it starts included.
        self._input, self._output = taken_streams()
        self._owner = os.getpid()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave)
        self._lock = threading.Lock()
        self.calls: "queue.Queue[Dict[str, Any]]" = queue.Queue()
        self.on_interrupt: Callable[[], None] = lambda: None
        #: Told of each other call as it arrives, before it waits in the queue.
        self.on_call: Callable[[], None] = lambda: None

    def listen(self) -> None:
        threading.Thread(target=self._read, name="batchwise", daemon=True).start()

    def answer(self, call: int, output: Any) -> None:
        self._post({"kind": "answer", "id": call, "output": output})

    def refuse(self, call: int, message: str) -> None:
        self._post({"kind": "refusal", "id": call, "message": message})

    def event(self, name: str, payload: Any) -> None:
        self._post({"kind": "event", "name": name, "payload": payload})

    def _leave(self) -> None:
        """A forked child holds neither end: it must not keep the channel open."""
        for descriptor in (self._input, self._output):
            try:
                os.close(descriptor)
            except OSError:
                pass

    def _post(self, message: Dict[str, Any]) -> None:
        if os.getpid() != self._owner:
            return
        line = line_of(message)
        with self._lock:
            try:
                write_all(self._output, line)
            except OSError:
                end_group()

    def _read(self) -> None:
        rest = b""
        while True:
            try:
                piece = os.read(self._input, 65536)
            except OSError:
                piece = b""
            if not piece:
                end_group()
            rest += piece
            *lines, rest = rest.split(b"\n")
            for line in lines:
                self._receive(line)

    def _receive(self, line: bytes) -> None:
        message: Optional[Dict[str, Any]]
        try:
            message = json.loads(line)
        except ValueError:
            return
        if not isinstance(message, dict) or message.get("kind") != "call":
            return
        if message["name"] == "interrupt":
            self.on_interrupt()
            self.answer(message["id"], {})
        else:
            self.on_call()
            self.calls.put(message)
