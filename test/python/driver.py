"""Speaks to the runner as the tuner does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

HERE = Path(__file__).resolve().parent
RUNNER = HERE.parent.parent / "python" / "run.py"
SCRIPTS = HERE / "scripts"


class Runner:
    """One process of the runner; a context manager, so that it never outlives its test."""

    def __init__(self, cwd: Path, env: Optional[Dict[str, str]] = None) -> None:
        own = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", **(env or {})}
        self.errors = open(cwd / ("stderr-%d.txt" % id(self)), "w+")
        self.process = subprocess.Popen(
            [sys.executable, str(RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            cwd=cwd,
            env=own,
            start_new_session=True,
        )
        self._id = 0

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_: Any) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except OSError:
            pass
        self.process.wait()
        self.errors.close()

    def post(self, name: str, **given: Any) -> int:
        self._id += 1
        message = {"kind": "call", "id": self._id, "name": name, "input": given}
        self.process.stdin.write((json.dumps(message) + "\n").encode())
        self.process.stdin.flush()
        return self._id

    def receive(self) -> Dict[str, Any]:
        """The next message that is no event."""
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise EOFError("the runner ended: " + self.stderr())
            message = json.loads(line)
            if message["kind"] != "event":
                return message

    def call(self, name: str, **given: Any) -> Dict[str, Any]:
        self.post(name, **given)
        return self.receive()

    def value(self, name: str, **given: Any) -> Any:
        """The answer to a call that must not be refused."""
        answer = self.call(name, **given)
        assert answer["kind"] == "answer", answer
        return answer["output"]

    def stderr(self) -> str:
        self.errors.flush()
        return Path(self.errors.name).read_text()


def program(name: str, args: Optional[List[str]] = None) -> Dict[str, Any]:
    if name.endswith(".ipynb"):
        return {"kind": "notebook", "target": str(SCRIPTS / name), "args": args or []}
    if name.endswith(".sh"):
        words = [str(SCRIPTS / name), "{batchSize}", "{learningRate}"]
        return {"kind": "command", "target": "sh", "args": words}
    if name.endswith(".py"):
        return {"kind": "script", "target": str(SCRIPTS / name), "args": args or []}
    return {"kind": "module", "target": name, "args": args or []}


def start_of(what: Dict[str, Any], seed: int = 42) -> Dict[str, Any]:
    begin = {"program": what, "root": str(SCRIPTS), "seed": seed}
    if what["kind"] == "command":
        begin.update(batchSize=8, learningRate=0.1)
    return begin


def discover(what: Dict[str, Any], cwd: Path, env: Optional[Dict[str, str]] = None) -> Any:
    plan = {"updates": 6, "mostUpdates": 12, "seconds": 0.01}
    with Runner(cwd, env) as runner:
        return runner.value("begin", **start_of(what), discover=plan)


def trial_of(found: Dict[str, Any], what: Dict[str, Any], batch_size: int, **more: Any) -> Dict[str, Any]:
    return {
        **start_of(what),
        "batchSize": batch_size,
        "rateFactor": 1.0,
        "accumulation": found.get("accumulation", 1),
        "loader": found.get("loader"),
        "optimizer": found.get("optimizerIndex"),
        "samples": found.get("samples") or 1000,
        "startLoss": found.get("startLoss"),
        "startLossError": found.get("startLossError"),
        "windowSamples": 128,
        **more,
    }
