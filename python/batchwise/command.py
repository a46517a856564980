"""A program in any language: it prints a line of JSON for each update."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Any, Dict, List

from .adapter import Adapter
from .session import Session


class CommandAdapter(Adapter):
    """The program is stopped while the tuner waits, so that it does not run ahead."""

    framework = "command"
    computes_on = "elsewhere"

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def pause(self) -> None:
        if hasattr(signal, "SIGSTOP"):
            self._send(signal.SIGSTOP)

    def resume(self) -> None:
        if hasattr(signal, "SIGCONT"):
            self._send(signal.SIGCONT)

    def _send(self, kind: int) -> None:
        if self._process.poll() is None:
            os.kill(self._process.pid, kind)

    def facts(self) -> Dict[str, Any]:
        return {"framework": "command"}


def filled(words: List[str], values: Dict[str, Any]) -> List[str]:
    """The command with its placeholders filled in."""
    found = []
    for word in words:
        for name, value in values.items():
            word = word.replace("{%s}" % name, str(value))
        found.append(word)
    return found


def run_command(session: Session, target: str, args: List[str]) -> None:
    """
    Runs the program to its end. Lines such as {"loss": 0.5, "samples": 32} are updates,
    {"datasetSamples": 60000} tells what an epoch is, and all else is its log.
    """
    options = session.options
    values = {
        "batchSize": options["batchSize"],
        "learningRate": options["learningRate"],
        "seed": options["seed"],
    }
    process = subprocess.Popen(filled([target, *args], values), stdout=subprocess.PIPE)
    session.adapter = CommandAdapter(process)
    session.facts.update(batchSize=values["batchSize"], learningRate=values["learningRate"])
    assert process.stdout is not None
    for line in process.stdout:
        told = _told(line)
        if told is None:
            sys.stderr.write(line.decode(errors="replace"))
            continue
        if "datasetSamples" in told:
            session.take_dataset_size(int(told["datasetSamples"]))
        if "loss" in told or "samples" in told:
            session.report(told.get("loss"), told.get("samples"))
    code = process.wait()
    if code != 0:
        raise SystemExit(code)


def _told(line: bytes) -> Any:
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
