"""Forks a process for each trial from one that has imported what the script imports.

It runs no line of the script. The tuner speaks to it by JSON lines on stdin and stdout, and through
it to the trials: each line for one of them is passed on, and each line of theirs is passed back.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import threading
from typing import Any, Dict, List, Optional

from .pipes import exited, line_of, taken_streams, told_by, write_all


class _Trial:
    def __init__(self, name: str, pid: int, given: int, told: int) -> None:
        self.name = name
        self.pid = pid
        #: Where its stdin is written to and its stdout is read from.
        self.given = given
        self.told = told
        self.rest = b""

    def end_input(self) -> None:
        """Once: its number may be another descriptor's after that."""
        given, self.given = self.given, -1
        if given >= 0:
            _close(given)


class _Server:
    def __init__(self) -> None:
        # What is imported may print: that goes to the log.
        self._input, self._output = taken_streams()
        self._trials: Dict[str, _Trial] = {}
        self._rest = b""

    def run(self) -> None:
        """Serves the tuner until it is gone; returns only in the process of a trial."""
        while True:
            told = {trial.told: trial for trial in self._trials.values()}
            ready, _, _ = select.select([self._input, *told], [], [])
            for descriptor in ready:
                if descriptor != self._input:
                    self._pass_back(told[descriptor])
            if self._input in ready and self._receive():
                return

    def _receive(self) -> bool:
        """Takes up what the tuner said; True in the process of a new trial."""
        piece = os.read(self._input, 65536)
        if not piece:
            self._end()
        self._rest += piece
        while b"\n" in self._rest:
            line, self._rest = self._rest.split(b"\n", 1)
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if message.get("kind") == "pass":
                self._pass_on(message)
            elif message.get("kind") == "call" and self._answer(message):
                return True
        return False

    def _answer(self, message: Dict[str, Any]) -> bool:
        name, given = message["name"], message["input"]
        output: Dict[str, Any] = {}
        if name == "preload":
            output = {"obstacle": _preload(given["modules"], given["environment"])}
        elif name == "fork":
            pid = self._fork(given["name"])
            if pid == 0:
                return True
            output = {"pid": pid}
        elif name == "close" and given["name"] in self._trials:
            self._trials[given["name"]].end_input()
        elif name == "signal" and given["name"] in self._trials:
            _signal_group(self._trials[given["name"]].pid, getattr(signal, given["signal"]))
        self._post({"kind": "answer", "id": message["id"], "output": output})
        return False

    def _fork(self, name: str) -> int:
        """The pid of the new trial; 0 in its own process, where the channel is at stdin and stdout."""
        given_end, given = os.pipe()
        told, told_end = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        # What is imported stays shared: the collector would touch every page of it.
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            # A group of its own, which ends as a whole.
            os.setpgid(0, 0)
            os.dup2(given_end, 0)
            os.dup2(told_end, 1)
            others = [end for each in self._trials.values() for end in (each.given, each.told)]
            own = [given_end, told_end, given, told]
            for descriptor in [self._input, self._output, *own, *others]:
                _close(descriptor)
            return 0
        try:
            os.setpgid(pid, pid)
        except OSError:
            # It has done so itself.
            pass
        os.close(given_end)
        os.close(told_end)
        self._trials[name] = _Trial(name, pid, given, told)
        return pid

    def _pass_on(self, message: Dict[str, Any]) -> None:
        trial = self._trials.get(message["to"])
        if trial is None:
            return
        try:
            write_all(trial.given, line_of(message["message"]))
        except OSError:
            # It has just ended, which is told once its last words were read.
            pass

    def _pass_back(self, trial: _Trial) -> None:
        piece = os.read(trial.told, 65536)
        if not piece:
            self._bury(trial)
            return
        *lines, trial.rest = (trial.rest + piece).split(b"\n")
        for line in lines:
            self._write(told_by(trial.name, line))

    def _bury(self, trial: _Trial) -> None:
        """Tells how a trial ended, and ends what it left behind."""
        del self._trials[trial.name]
        trial.end_input()
        _close(trial.told)
        # How it ends is settled by now, unless it has only closed its end.
        _signal_group(trial.pid, signal.SIGKILL)
        _, status = os.waitpid(trial.pid, 0)
        self._post(exited(trial.name, os.waitstatus_to_exitcode(status)))

    def _post(self, message: Dict[str, Any]) -> None:
        self._write(line_of(message))

    def _write(self, data: bytes) -> None:
        try:
            write_all(self._output, data)
        except OSError:
            self._end()

    def _end(self) -> None:
        for trial in self._trials.values():
            _signal_group(trial.pid, signal.SIGKILL)
        # Whoever sees this process end may count on theirs.
        for trial in self._trials.values():
            os.waitpid(trial.pid, 0)
        os._exit(0)


def serve() -> None:
    """Serves the tuner; returns in the process of each trial, which is to run it then."""
    _Server().run()


def _preload(modules: List[str], environment: Dict[str, str]) -> Optional[str]:
    """Imports what it can; tells what stands in the way of forking after that, or None."""
    os.environ.update(environment)
    # Asking CUDA itself for devices would leave it unusable in every fork.
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    for name in modules:
        module, _, part = name.partition(":")
        try:
            imported = importlib.import_module(module)
            if part:
                # Some packages import a part of them only once it is asked for.
                getattr(imported, part, None)
        except Exception as error:
            # The script's own import will tell, if it needs it.
            print("not imported ahead: %s: %s" % (name, error), file=sys.stderr)
    torch: Any = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "cuda") and torch.cuda.is_initialized():
        return "CUDA is in use once everything is imported"
    others = [each.name for each in threading.enumerate() if each is not threading.main_thread()]
    return "threads run once everything is imported: %s" % ", ".join(others) if others else None


def _signal_group(pid: int, kind: int) -> None:
    try:
        os.killpg(pid, kind)
    except OSError:
        pass


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        pass
