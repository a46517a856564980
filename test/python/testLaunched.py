"""A script that torchrun starts in two processes: the first one speaks for both."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from driver import RUNNER, SCRIPTS, Runner, program, runs, trial_of

TORCHRUN = Path(sys.executable).parent / "torchrun"
COMMAND = [
    str(TORCHRUN),
    *("--standalone", "--nproc-per-node=2", "--no-python"),
    *(sys.executable, str(RUNNER)),
]
WHAT = program("torchDistributed.py")
PLAN = {"updates": 4, "mostUpdates": 8, "seconds": 0.01}


def started(pid: int) -> List[int]:
    """All that a process has started."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(file.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found += [int(file.parent.name), *started(int(file.parent.name))]
    return found


#: Starts two processes as launchers do, which share its stdin.
LAUNCHER = """
import os, subprocess, sys
ends = [
    subprocess.Popen(sys.argv[1:], env={**os.environ, "RANK": str(rank), "LOCAL_WORLD_SIZE": "2"})
    for rank in (0, 1)
]
sys.exit(max(abs(end.wait()) for end in ends))
"""

REPORTS = """
import os
import batchwise
size = batchwise.batch_size(8)
with open("seen-" + os.environ["RANK"], "w") as file:
    for update in range(20):
        print("an update")
        file.write("%d\\n" % size)
        file.flush()
        batchwise.report(loss=1.0 / (update + 1), samples=size)
"""


def test_the_others_are_told_what_rank_0_is(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(REPORTS)
    what = {"kind": "script", "target": str(script), "args": []}
    command = [sys.executable, "-c", LAUNCHER, sys.executable, str(RUNNER)]
    with Runner(tmp_path, command=command) as runner:
        assert runner.value("begin", program=what, root=str(tmp_path), seed=1, batchSize=24)["ok"]
        for rank in (0, 1):
            seen = tmp_path / ("seen-%d" % rank)
            wait_until(lambda: seen.exists() and seen.read_text().startswith("24\n"))
        assert runner.value("advance", iterations=5, maxSeconds=1000)["iterations"] in (5, 6)
        assert runner.value("advance", iterations=99, maxSeconds=1000)["ended"]
        # The other goes on by itself where it need not wait for the first.
        wait_until(lambda: (tmp_path / "seen-1").read_text() == "24\n" * 20)
        others = started(runner.process.pid)
        assert len(others) == 2
    wait_until(lambda: not any(map(runs, others)))


@pytest.mark.parametrize("missing", ["cwd", "target"])
def test_a_place_without_the_script_says_so(tmp_path: Path, missing: str) -> None:
    script = tmp_path / "train.py"
    nowhere = str(tmp_path / "nowhere")
    if missing == "cwd":
        script.write_text("")
    what = {"kind": "script", "target": str(script), "args": []}
    cwd = nowhere if missing == "cwd" else str(tmp_path)
    with Runner(tmp_path) as runner:
        output = runner.value("begin", program=what, root=str(tmp_path), seed=1, cwd=cwd, discover=PLAN)
    problem = output["problem"]
    assert problem["reason"] == "placeWithoutFile"
    assert problem["values"]["path"] == (nowhere if missing == "cwd" else str(script))
    assert problem["values"]["host"]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(
    not TORCHRUN.exists() or not sys.platform.startswith("linux"), reason="no torchrun"
)
def test_rank_0_speaks_for_all(tmp_path: Path) -> None:
    begin: Dict[str, Any] = {"program": WHAT, "root": str(SCRIPTS), "seed": 1}
    with Runner(tmp_path, command=COMMAND) as runner:
        output = runner.value("begin", **begin, discover=PLAN)
        assert output["ok"], output
    found = output["value"]
    assert found["replicas"] == 2
    assert found["batchSize"] == 16
    assert found["samples"] == 320
    assert not found["evaluates"]

    with Runner(tmp_path, command=COMMAND) as runner:
        given = trial_of(found, WHAT, 32, replicas=2)
        assert runner.value("begin", **given) == {"ok": True, "value": {"begun": True}}
        first = runner.value("advance", iterations=5, maxSeconds=1000)
        assert (first["iterations"], first["samples"]) == (5, 160)
        last = runner.value("advance", iterations=10**6, maxSeconds=1000)
        # Of 320 samples each process sees half, 16 at a time.
        assert last["ended"], last
        assert (last["iterations"], last["samples"]) == (200, 6400)
        assert last["trainLoss"] < found["startLoss"]
        others = started(runner.process.pid)
        assert len(others) >= 2
        runner.process.stdin.close()
        wait_until(lambda: not any(map(runs, others)))


def test_a_rank_that_fails_ends_all(tmp_path: Path) -> None:
    if not TORCHRUN.exists():
        pytest.skip("no torchrun")
    script = tmp_path / "train.py"
    script.write_text(
        "import os, torch.distributed as dist\n"
        "dist.init_process_group('gloo')\n"
        "if os.environ['RANK'] == '1':\n"
        "    raise ValueError('the second fails')\n"
        "dist.barrier()\n"
    )
    what = {"kind": "script", "target": str(script), "args": []}
    with Runner(tmp_path, command=COMMAND) as runner:
        runner.post("begin", program=what, root=str(tmp_path), seed=1, discover=PLAN)
        try:
            answer = runner.receive()
        except EOFError as error:
            assert "the second fails" in str(error)
        else:
            assert not answer["output"]["ok"]
