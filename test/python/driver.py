"""Speaks to the runner as the tuner does."""

from __future__ import annotations

import itertools
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

    def __init__(
        self,
        cwd: Path,
        env: Optional[Dict[str, str]] = None,
        command: Optional[List[str]] = None,
    ) -> None:
        own = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", **(env or {})}
        self.errors = open(cwd / ("stderr-%d.txt" % id(self)), "w+")
        self.process = subprocess.Popen(
            command or [sys.executable, str(RUNNER)],
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
        self.process.stdin.close()
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


class Server:
    """A server of forks; a context manager, so that it never outlives its test."""

    def __init__(self, cwd: Path) -> None:
        self.errors = open(cwd / "server.txt", "w+")
        self.process = subprocess.Popen(
            [sys.executable, str(RUNNER), "--serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            cwd=cwd,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
        self._id = 0

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: Any) -> None:
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.errors.close()

    def send(self, message: Dict[str, Any]) -> None:
        self.process.stdin.write((json.dumps(message) + "\n").encode())
        self.process.stdin.flush()

    def receive(self) -> Dict[str, Any]:
        line = self.process.stdout.readline()
        assert line, self.stderr()
        return json.loads(line)

    def call(self, call: str, /, **given: Any) -> Any:
        self._id += 1
        self.send({"kind": "call", "id": self._id, "name": call, "input": given})
        while True:
            message = self.receive()
            if message["kind"] == "answer" and message["id"] == self._id:
                return message["output"]

    def ask(self, trial: str, name: str, **given: Any) -> Any:
        """The output of a call to a trial."""
        self._id += 1
        call = {"kind": "call", "id": self._id, "name": name, "input": given}
        self.send({"kind": "pass", "to": trial, "message": call})
        while True:
            message = self.receive()
            told = message.get("payload", {})
            if message.get("name") == "told" and told["name"] == trial:
                if told["message"].get("id") == self._id:
                    assert told["message"]["kind"] == "answer", told
                    return told["message"]["output"]

    def end_of(self, trial: str) -> Dict[str, Any]:
        while True:
            message = self.receive()
            if message.get("name") == "exited" and message["payload"]["name"] == trial:
                return message["payload"]

    def stderr(self) -> str:
        self.errors.flush()
        return Path(self.errors.name).read_text()


_numbers = itertools.count()


class Fork(Runner):
    """A runner that a server forks: without the seconds that importing takes."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._name = "fork %d" % next(_numbers)
        self._id = 0
        self._from = len(server.stderr())
        server.call("fork", name=self._name)

    def __exit__(self, *_: Any) -> None:
        self._server.call("close", name=self._name)

    def post(self, name: str, **given: Any) -> int:
        self._id += 1
        message = {"kind": "call", "id": self._id, "name": name, "input": given}
        self._server.send({"kind": "pass", "to": self._name, "message": message})
        return self._id

    def receive(self) -> Dict[str, Any]:
        while True:
            message = self._server.receive()
            told = message.get("payload", {})
            if message.get("name") == "exited" and told["name"] == self._name:
                raise EOFError("the runner ended: " + self.stderr())
            if message.get("name") == "told" and told["name"] == self._name:
                if told["message"]["kind"] != "event":
                    return told["message"]

    def stderr(self) -> str:
        return self._server.stderr()[self._from :]


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


def discover(
    what: Dict[str, Any],
    cwd: Path,
    env: Optional[Dict[str, str]] = None,
    server: Optional[Server] = None,
) -> Any:
    plan = {"updates": 6, "mostUpdates": 12, "seconds": 0.01}
    with Runner(cwd, env) if server is None else Fork(server) as runner:
        return runner.value("begin", **start_of(what), discover=plan)


def trial_of(found: Dict[str, Any], what: Dict[str, Any], batch_size: int, **more: Any) -> Dict[str, Any]:
    return {
        **start_of(what),
        "batchSize": batch_size,
        "rateFactor": 1.0,
        "accumulation": found.get("accumulation", 1),
        "sumsLosses": found.get("sumsLosses", False),
        "loader": found.get("loader"),
        "optimizer": found.get("optimizerIndex"),
        "samples": found.get("samples") or 1000,
        "startLoss": found.get("startLoss"),
        "startLossError": found.get("startLossError"),
        "windowSamples": 128,
        "schedules": found.get("schedules"),
        "evaluates": found.get("evaluates", False),
        **more,
    }


def runs(pid: int) -> bool:
    """Whether a process lives on; one that only waits to be buried does not."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
