"""Lines over descriptors: what the channel of a run, the server of forks and the relay of Ray share."""

from __future__ import annotations

import json
import os
import signal
from typing import Any, Dict, Tuple


def taken_streams() -> Tuple[int, int]:
    """Descriptors of what were stdin and stdout; now there is nothing to read, and prints go to stderr."""
    own = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return own


def write_all(descriptor: int, data: bytes) -> None:
    """Raises OSError where nobody reads it any more."""
    while data:
        data = data[os.write(descriptor, data) :]


def line_of(message: Dict[str, Any]) -> bytes:
    return (json.dumps(message, allow_nan=False) + "\n").encode()


def told_by(name: str, line: bytes) -> bytes:
    """A line of a trial, which is JSON, as an event of the process that started the trial."""
    start = '{"kind":"event","name":"told","payload":{"name":%s,"message":' % json.dumps(name)
    return start.encode() + line + b"}}\n"


def exited(name: str, status: int) -> Dict[str, Any]:
    """The event that a trial has ended. A negative status is the number of a signal, as subprocess has it."""
    by_signal = status < 0
    payload = {
        "name": name,
        "exitCode": None if by_signal else status,
        "signal": signal.Signals(-status).name if by_signal else None,
    }
    return {"kind": "event", "name": "exited", "payload": payload}
