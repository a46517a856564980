"""What is measured beside losses and step times: validation, gradient noise, compiled models."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
from driver import Fork, Runner, Server, discover, program, trial_of


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    with Server(tmp_path_factory.mktemp("server")) as started:
        modules = ["torch", "torch._dynamo", "numpy"]
        assert started.call("preload", modules=modules, environment={}) == {"obstacle": None}
        yield started


noisy = """
import torch
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.randn(20000, 3)
y = x @ torch.tensor([[1.0], [2.0], [3.0]]) + 2 * torch.randn(20000, 1)
loader = DataLoader(TensorDataset(x, y), batch_size=10, shuffle=True)
model = torch.nn.Linear(3, 1, bias=False)
torch.nn.init.zeros_(model.weight)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-9)
for epoch in range(3000):
    for inputs, targets in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(inputs), targets).backward()
        optimizer.step()
"""


def written(folder: Path, text: str) -> Dict[str, Any]:
    file = folder / "train.py"
    file.write_text(text)
    return {"kind": "script", "target": str(file), "args": []}


def begun(runner: Runner, found: Dict[str, Any], what: Dict[str, Any], size: int) -> None:
    root = str(Path(what["target"]).parent)
    answer = runner.value("begin", **{**trial_of(found, what, size), "root": root})
    assert answer["ok"], answer


def found_in(runner: Runner, what: Dict[str, Any]) -> Dict[str, Any]:
    plan = {"updates": 4, "mostUpdates": 8, "seconds": 0.01}
    root = str(Path(what["target"]).parent)
    answer = runner.value("begin", program=what, root=root, seed=42, discover=plan)
    assert answer["ok"], answer
    return answer["value"]


def test_gradient_noise_is_that_of_the_data(tmp_path: Path, server: Server) -> None:
    torch = pytest.importorskip("torch")
    what = written(tmp_path, noisy)
    with Fork(server) as runner:
        found = found_in(runner, what)
    assert found["measuresNoise"]
    # At weights of zero: the gradient of a sample is -2 x y.
    torch.manual_seed(0)
    x = torch.randn(20000, 3)
    y = x @ torch.tensor([[1.0], [2.0], [3.0]]) + 2 * torch.randn(20000, 1)
    gradients = -2 * x * y
    mean = gradients.mean(0)
    expected = float(((gradients - mean) ** 2).sum(1).mean() / (mean**2).sum())
    with Fork(server) as runner:
        begun(runner, found, what, 40)
        steps = runner.value("measureNoise", pairs=120)["steps"]
        assert len(steps) == 120
        traces = [40 * 2 * (s["meanSquaredNorm"] - s["squaredNormOfMean"]) for s in steps]
        squares = [2 * s["squaredNormOfMean"] - s["meanSquaredNorm"] for s in steps]
        assert sum(traces) / sum(squares) == pytest.approx(expected, rel=0.25)
        # The training goes on where it is, and is timed again.
        assert runner.value("advance", iterations=100, maxSeconds=1000)["iterations"] == 340
        assert runner.value("advance", iterations=10**6, maxSeconds=2)["blocks"]


def test_gradient_noise_leaves_smaller_batches_out(tmp_path: Path, server: Server) -> None:
    what = written(tmp_path, noisy.replace("20000", "50"))
    with Fork(server) as runner:
        found = found_in(runner, what)
    with Fork(server) as runner:
        begun(runner, found, what, 40)
        # Of each two batches the second has ten samples.
        assert runner.value("measureNoise", pairs=2)["steps"] == []


@pytest.mark.parametrize("name", ["lightningDataModule.py", "trainerBert.py"])
def test_validation_is_the_frameworks_own(name: str, tmp_path: Path, server: Server) -> None:
    module = "lightning" if name.startswith("lightning") else "datasets"
    if importlib.util.find_spec(module) is None:
        pytest.skip("%s is not installed" % module)
    what = program(name)
    found = discover(what, tmp_path, server=server)["value"]
    assert found["evaluates"]
    assert found["validationSamples"] > 1
    ends: List[float] = []
    for asks in (False, True):
        with Fork(server) as runner:
            assert runner.value("begin", **trial_of(found, what, 16))["ok"]
            losses = [runner.value("evaluate")["loss"]] if asks else []
            runner.value("advance", iterations=6, maxSeconds=1000)
            if asks:
                losses += [runner.value("evaluate")["loss"] for _ in "ab"]
                # The same weights, the same data.
                assert losses[1] == losses[2] != losses[0]
            ends.append(runner.value("advance", iterations=6, maxSeconds=1000)["trainLoss"])
    # Being asked changes nothing of the training.
    assert ends[0] == ends[1]


added_up = """
import torch
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.randn(400, 3)
loader = DataLoader(TensorDataset(x), batch_size=5, collate_fn=lambda rows: torch.cat([row for row, in rows]))
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-9)
for epoch in range(50):
    for step, inputs in enumerate(loader):
        loss = (model(inputs.view(-1, 3)) ** 2).mean()
        BACKWARD
        if step % 4 == 3:
            optimizer.step()
            optimizer.zero_grad()
"""


def test_losses_that_the_script_divides_are_added_up(tmp_path: Path, server: Server) -> None:
    starts = []
    for backward in ("loss.backward()", "(loss / 4).backward()", "(0.25 * loss).backward()"):
        what = written(tmp_path, added_up.replace("BACKWARD", backward))
        with Fork(server) as runner:
            found = found_in(runner, what)
        # Its batches are one long row each.
        assert (found["batchSize"], found["accumulation"], found["samples"]) == (20, 4, 400)
        starts.append(found["startLoss"])
        with Fork(server) as runner:
            begun(runner, found, what, 20)
            made = runner.value("advance", iterations=20, maxSeconds=1000)
            assert (made["iterations"], made["samples"]) == (20, 400)
            starts.append(made["trainLoss"])
    # How much of the data the first run sees depends on the machine.
    assert starts[2] == pytest.approx(starts[0], rel=0.3)
    assert starts[4] == pytest.approx(starts[0], rel=0.3)
    assert starts[1] == pytest.approx(starts[3]) and starts[1] == pytest.approx(starts[5])


compiled = """
import time
import torch
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.randn(400, 3)
loader = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), batch_size=10, shuffle=True)
model = torch.nn.Linear(3, 1)

def slowly(graph, inputs):
    time.sleep(0.3)
    return graph.forward

again = torch.compile(model, backend=slowly)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
step = 0
for epoch in range(50):
    for inputs, targets in loader:
        step += 1
        if step % 200 == 0:
            torch._dynamo.reset_code_caches()
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(again(inputs), targets).backward()
        optimizer.step()
"""


def test_compiling_is_no_step_time(tmp_path: Path, server: Server) -> None:
    what = written(tmp_path, compiled)
    with Fork(server) as runner:
        found = found_in(runner, what)
    with Fork(server) as runner:
        begun(runner, found, what, 10)
        made = runner.value("advance", iterations=1100, maxSeconds=1000)
        # It was compiled five times meanwhile.
        assert made["wallMs"] > 5 * 300
        assert made["blocks"]
        assert sum(block["ms"] for block in made["blocks"]) < made["wallMs"] - 5 * 300


validated = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.randn(600, 5)
y = (x.sum(1) > 0).long()
train = DataLoader(TensorDataset(x[:400], y[:400]), batch_size=20, shuffle=True)
held = DataLoader(TensorDataset(x[400:], y[400:]), batch_size=64)
model = nn.Sequential(nn.Linear(5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(5):
    model.train()
    for inputs, targets in train:
        optimizer.zero_grad()
        LOSS
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        total = sum(nn.functional.cross_entropy(model(a), b, reduction="sum").item() for a, b in held)
    print("validation", (total / 200).hex(), flush=True)
"""


@pytest.mark.parametrize(
    "loss",
    [
        "loss = nn.CrossEntropyLoss()(model(inputs), targets)",
        "loss = nn.functional.cross_entropy(model(inputs.float()), targets) / 1",
    ],
)
def test_validation_of_a_plain_loop_is_what_the_script_computes(loss: str, tmp_path: Path, server: Server) -> None:
    what = written(tmp_path, validated.replace("LOSS", loss))
    with Fork(server) as runner:
        found = found_in(runner, what)
    assert found["evaluates"]
    assert found["validationSamples"] == 200
    assert found["validationPlace"]["line"] == 10
    said: List[List[str]] = []
    for asks in (False, True):
        with Fork(server) as runner:
            begun(runner, found, what, 20)
            measured = []
            for _ in range(5):
                # The last update of an epoch, after which the script validates.
                runner.value("advance", iterations=20, maxSeconds=1000)
                if asks:
                    measured.append(runner.value("evaluate"))
            runner.value("advance", iterations=1, maxSeconds=1000)
            lines = runner.stderr().splitlines()
            said.append([line.split()[1] for line in lines if line.startswith("validation")])
    assert len(said[0]) == 5
    # Being asked changes nothing of the training.
    assert said[0] == said[1]
    for own, ours in zip(said[0], measured):
        assert ours["loss"] == pytest.approx(float.fromhex(own), rel=1e-5)
        assert 0 < ours["accuracy"] <= 1
        assert ours["lossStandardError"] > 0


@pytest.mark.parametrize(
    "change",
    [
        # No loss that is understood: nothing is guessed.
        ("LOSS", "loss = ((model(inputs)[:, 0] - targets) ** 2).mean()"),
        ("LOSS", "loss = nn.functional.cross_entropy(model(inputs), targets) + model[0].weight.norm()"),
        # No data but what is trained on.
        ("TensorDataset(x[400:], y[400:]), batch_size=64", "train.dataset, batch_size=64"),
    ],
)
def test_what_is_not_understood_is_compared_by_the_training_loss(change: Any, tmp_path: Path, server: Server) -> None:
    text = validated.replace(*change).replace(
        "LOSS", "loss = nn.functional.cross_entropy(model(inputs), targets)"
    )
    what = written(tmp_path, text)
    with Fork(server) as runner:
        assert not found_in(runner, what)["evaluates"]


busy_loop = """
import os, time
end = time.monotonic() + 60
while time.monotonic() < end and os.getppid() == {parent}:
    pass
"""


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the system tells no waiting")
def test_step_times_of_a_busy_machine_leave_waiting_out(server: Server, tmp_path: Path) -> None:
    what = written(tmp_path, noisy.replace("torch.set_num_threads(1)", ""))
    with Fork(server) as runner:
        found = found_in(runner, what)
    with Fork(server) as runner:
        begun(runner, found, what, 10)
        advance = {"iterations": 2**30, "maxSeconds": 1.5}
        quiet = runner.value("advance", **advance)
        program = busy_loop.format(parent=os.getpid())
        cores = len(os.sched_getaffinity(0))
        neighbours = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2 * cores)]
        try:
            busy = runner.value("advance", **advance)
        finally:
            for neighbour in neighbours:
                neighbour.kill()
                neighbour.wait()
        assert busy["status"] == "ok"
        blocks = busy["blocks"]
        assert quiet["blocks"] and blocks
        total = sum(block["ms"] for block in blocks)
        share = sum(block["ms"] * block["waitingShare"] for block in blocks) / total
        assert share > 0.15
        # By the wall clock, the same updates took longer than what is told of them.
        told = total / sum(block["iterations"] for block in blocks)
        by_wall = busy["wallMs"] / (busy["iterations"] - quiet["iterations"])
        assert told < 0.9 * by_wall
