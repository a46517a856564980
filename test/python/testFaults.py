"""Each way a script can go wrong, caused for real."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict

import pytest
from driver import RUNNER, Runner, runs, start_of

torch_loop = """
import sys, os, time
import torch
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
x = torch.randn(256, 4)
loader = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), batch_size=%(size)s, shuffle=True)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=%(rate)s)
count = 0
for epoch in range(%(epochs)s):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(xb), yb)
        loss.backward()
        optimizer.step()
        count += 1
        %(after)s
"""
loader_line = 7


def write(folder: Path, **parts: Any) -> Dict[str, Any]:
    values = {"size": 16, "rate": 0.05, "epochs": 4, "after": "pass", **parts}
    file = folder / "train.py"
    file.write_text(torch_loop % values)
    return {"kind": "script", "target": str(file), "args": []}


def begin(runner: Runner, what: Dict[str, Any], folder: Path, **more: Any) -> Dict[str, Any]:
    loader = {"file": what["target"], "line": loader_line, "ordinal": 0}
    given = {**start_of(what), "root": str(folder), "batchSize": 16, "loader": loader, **more}
    return runner.call("begin", **{"samples": 256, **given})


def run_to_end(runner: Runner) -> Dict[str, Any]:
    return runner.call("advance", iterations=10**6, maxSeconds=1000)


def raises(folder: Path, text: str) -> Dict[str, Any]:
    file = folder / "train.py"
    file.write_text(text)
    what = {"kind": "script", "target": str(file), "args": []}
    with Runner(folder) as runner:
        return runner.call("begin", **{**start_of(what), "root": str(folder)})


def test_without_an_update(tmp_path: Path) -> None:
    answer = raises(tmp_path, "print('nothing is trained here')\n")
    assert answer["output"]["problem"]["reason"] == "pythonNoUpdate"


def test_a_missing_framework(tmp_path: Path) -> None:
    answer = raises(tmp_path, "\nimport frameworkthatisnotthere\n")
    problem = answer["output"]["problem"]
    assert problem["reason"] == "pythonRaised"
    assert problem["values"]["cause"] == (
        "%s:2: ModuleNotFoundError: No module named 'frameworkthatisnotthere'"
        % (tmp_path / "train.py")
    )


def test_an_exit_code(tmp_path: Path) -> None:
    answer = raises(tmp_path, "import sys\nsys.exit(3)\n")
    assert "exit code 3" in answer["output"]["problem"]["values"]["cause"]


def test_what_argparse_finds_wrong(tmp_path: Path) -> None:
    answer = raises(
        tmp_path,
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--data', required=True)\noptions = parser.parse_args()\n",
    )
    assert answer["output"]["problem"]["values"]["cause"] == (
        "%s:4: SystemExit: the following arguments are required: --data" % (tmp_path / "train.py")
    )


def test_a_line_that_is_no_python(tmp_path: Path) -> None:
    answer = raises(tmp_path, "import os\ndef f(:\n    pass\n")
    assert answer["output"]["problem"]["values"]["cause"] == (
        "%s:2: SyntaxError: invalid syntax" % (tmp_path / "train.py")
    )


def test_a_script_that_reads_stdin_prints_and_changes_folder(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    after = "assert sys.stdin.read() == ''; os.chdir('/'); print('x' * 100000)"
    what = write(tmp_path, after=after)
    with Runner(tmp_path) as runner:
        assert begin(runner, what, tmp_path)["output"]["ok"]
        assert run_to_end(runner)["output"]["ended"]
        assert runner.stderr().count("x") >= 64 * 100000


def test_a_raise_in_training_names_file_and_line(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    what = write(tmp_path, after="if count == 9: raise ValueError('nine is enough')")
    with Runner(tmp_path) as runner:
        assert begin(runner, what, tmp_path)["output"]["ok"]
        answer = run_to_end(runner)
        assert answer["kind"] == "refusal"
        assert answer["message"] == "%s:18: ValueError: nine is enough" % (tmp_path / "train.py")
        assert "Traceback" in runner.stderr()


def test_out_of_memory_by_type(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    what = write(tmp_path, after="if count == 9: torch.empty(1 << 50)")
    with Runner(tmp_path) as runner:
        assert begin(runner, what, tmp_path)["output"]["ok"]
        assert run_to_end(runner)["output"]["status"] == "out-of-memory"


def test_divergence(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    what = write(tmp_path, rate=1e4, epochs=30)
    with Runner(tmp_path) as runner:
        assert begin(runner, what, tmp_path)["output"]["ok"]
        assert run_to_end(runner)["output"]["status"] in ("diverged", "ok")
        # Losses are read once a call: the next one tells at the latest.
        status = [run_to_end(runner)["output"]["status"] for _ in range(2)][-1]
        assert runner.call("evaluate")["output"]["status"] == "diverged" or status == "diverged"


def test_os_exit_ends_the_process(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    what = write(tmp_path, after="if count == 9: os._exit(7)")
    with Runner(tmp_path) as runner:
        assert begin(runner, what, tmp_path)["output"]["ok"]
        with pytest.raises(EOFError):
            run_to_end(runner)
        assert runner.process.wait() == 7


def test_the_end_of_stdin_ends_all_that_was_started(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    after = (
        "\n        if count == 1:"
        "\n            import subprocess, signal"
        "\n            signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        "\n            child = subprocess.Popen(['sleep', '1000'])"
        "\n            open('child.txt', 'w').write(str(child.pid))"
    )
    what = write(tmp_path, after=after)
    with Runner(tmp_path) as runner:
        assert begin(runner, what, tmp_path)["output"]["ok"]
        assert runner.value("advance", iterations=2, maxSeconds=100)["iterations"] == 2
        child = int((tmp_path / "child.txt").read_text())
        runner.process.stdin.close()
        runner.process.wait(60)
        limit = time.monotonic() + 60
        while runs(child) and time.monotonic() < limit:
            os.sched_yield()
        assert not runs(child)


def test_interrupt_answers_with_what_there_is(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    what = write(tmp_path, epochs=10**6)
    with Runner(tmp_path) as runner:
        assert begin(runner, what, tmp_path)["output"]["ok"]
        running = runner.post("advance", iterations=10**9, maxSeconds=10**6)
        asked = runner.post("interrupt")
        answers = {message["id"]: message for message in (runner.receive(), runner.receive())}
        assert answers[asked]["output"] == {}
        assert answers[running]["output"]["status"] == "ok"


def test_equal_seeds_have_the_losses_of_the_script_alone(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    import subprocess
    import sys

    after = "print('loss', loss.item().hex())"
    alone_file = tmp_path / "alone"
    alone_file.mkdir()
    alone = write(alone_file, size=64, after=after)
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    told = subprocess.run(
        [sys.executable, alone["target"]], env=env, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    what = write(tmp_path, size=16, after=after)
    with Runner(tmp_path) as runner:
        assert begin(runner, what, tmp_path, batchSize=64)["output"]["ok"]
        # Paused and gone on with: that must not change a digit.
        assert not runner.value("advance", iterations=3, maxSeconds=100)["ended"]
        assert runner.value("advance", iterations=1000, maxSeconds=100)["ended"]
        ours = [line for line in runner.stderr().splitlines() if line.startswith("loss")]
    assert ours == told
    assert len(ours) == 16


def test_another_seed_has_other_losses(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    what = write(tmp_path)
    losses = []
    for offset in (0, 1):
        with Runner(tmp_path) as runner:
            answer = begin(runner, what, tmp_path, seed=42 + offset, seedOffset=offset)
            assert answer["output"]["ok"]
            losses.append(runner.value("advance", iterations=1, maxSeconds=100)["trainLoss"])
    assert losses[0] != losses[1]


def test_a_package_is_followed_though_others_looked_for_it(tmp_path: Path) -> None:
    """As tensorflow looks for keras, and transformers for torch, before a script imports them."""
    (tmp_path / "package.py").write_text("")
    program = (
        "import importlib.util, sys; sys.path[:0] = [%r, %r]\n"
        "from batchwise.imports import after_import\n"
        "after_import({'package': lambda module: print('followed', module.__name__)})\n"
        "assert importlib.util.find_spec('package')\n"
        "import package\n"
    ) % (str(RUNNER.parent), str(tmp_path))
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "followed package\n"
