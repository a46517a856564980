"""Trials that are forked from one process which has imported what the script imports."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any, Dict, List

import pytest
from driver import Server, discover, program, runs, trial_of


def losses(server: Server, trial: str, begin: Dict[str, Any]) -> List[float]:
    assert server.ask(trial, "begin", **begin)["ok"]
    return [server.ask(trial, "advance", iterations=4, maxSeconds=1000)["trainLoss"] for _ in "abc"]


def test_forks_train_as_a_process_of_their_own_does(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    what = program("torchArgparse.py")
    found = discover(what, tmp_path)["value"]
    assert "torch" in found["modules"]
    assert not any(name.startswith("batchwise") for name in found["modules"])
    begin = trial_of(found, what, 32)
    with Server(tmp_path) as server:
        given = {"modules": found["modules"], "environment": found["environment"]}
        assert server.call("preload", **given) == {"obstacle": None}
        pids = [server.call("fork", name=name)["pid"] for name in ("first", "second")]
        first = losses(server, "first", begin)
        assert losses(server, "second", begin) == first
        with Server(tmp_path) as plain:
            # Nothing is imported ahead here.
            assert plain.call("preload", modules=[], environment={}) == {"obstacle": None}
            plain.call("fork", name="own")
            assert losses(plain, "own", begin) == first
        # One ends alone; the other goes on.
        server.call("close", name="first")
        server.end_of("first")
        assert not runs(pids[0])
        assert server.ask("second", "advance", iterations=1, maxSeconds=1000)["iterations"] == 13
    assert not runs(pids[1])


def test_the_death_of_the_server_ends_its_trials(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(
        "import batchwise, subprocess\n"
        "child = subprocess.Popen(['sleep', '1000'])\n"
        "open('child.txt', 'w').write(str(child.pid))\n"
        "while True: batchwise.report(loss=1.0, samples=1)\n"
    )
    begin = {"program": {"kind": "script", "target": str(file), "args": []}, "seed": 1}
    with Server(tmp_path) as server:
        server.call("preload", modules=[], environment={})
        pid = server.call("fork", name="only")["pid"]
        assert server.ask("only", "begin", **begin, root=str(tmp_path), batchSize=1)["ok"]
        child = int((tmp_path / "child.txt").read_text())
        server.process.send_signal(signal.SIGKILL)
        limit = time.monotonic() + 60
        while (runs(pid) or runs(child)) and time.monotonic() < limit:
            os.sched_yield()
        assert not runs(pid) and not runs(child)


def test_an_end_is_told_with_its_code(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text("import os\nos._exit(7)\n")
    begin = {"program": {"kind": "script", "target": str(file), "args": []}, "seed": 1}
    with Server(tmp_path) as server:
        server.call("preload", modules=[], environment={})
        server.call("fork", name="only")
        call = {"kind": "call", "id": 99, "name": "begin", "input": {**begin, "root": str(tmp_path)}}
        server.send({"kind": "pass", "to": "only", "message": call})
        assert server.end_of("only") == {"name": "only", "exitCode": 7, "signal": None}


def test_what_must_not_be_forked_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "lively.py"
    package.write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(1000,), name='busy', daemon=True).start()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Server(tmp_path) as server:
        told = server.call("preload", modules=["notthere", "lively"], environment={})
        assert told["obstacle"] == "threads run once everything is imported: busy"
