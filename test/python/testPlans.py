"""How long a script plans to train, told by its own loops; of frameworks' loops, see testScripts."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

import pytest
from driver import Fork, Runner, Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    with Server(tmp_path_factory.mktemp("server")) as started:
        started.call("preload", modules=["torch", "torch._dynamo", "numpy"], environment={})
        yield started


start = """
import math
from types import SimpleNamespace
import torch
from torch.utils.data import DataLoader, TensorDataset
torch.set_num_threads(1)
loader = DataLoader(TensorDataset(torch.randn(320, 3), torch.randn(320, 1)), batch_size=16)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
args = SimpleNamespace(epochs=7, steps=500)
config = {"train": {"epochs": 9}}

def step(batch):
    x, y = batch
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()

def endless():
    while True:
        yield from loader
"""

loops = {
    "a range": ("for epoch in range(30):\n    for batch in loader: step(batch)", 30),
    "from one": ("for epoch in range(1, args.epochs + 1):\n    for batch in loader: step(batch)", 7),
    "of a config": (
        "for _ in range(config['train']['epochs']):\n    for batch in loader: step(batch)",
        9,
    ),
    "in a function": (
        "def fit(model, epochs=4):\n"
        "    for epoch in range(epochs):\n"
        "        run_epoch(epoch)\n"
        "def run_epoch(epoch):\n"
        "    for i, batch in enumerate(loader):\n"
        "        step(batch)\n"
        "fit(model)",
        4,
    ),
    "steps": (
        "batches = endless()\nfor i in range(args.steps):\n    step(next(batches))",
        500 / 20,
    ),
    "steps within epochs": (
        "for epoch in range(6):\n"
        "    batches = iter(loader)\n"
        "    for i in range(len(loader)):\n"
        "        step(next(batches))",
        6,
    ),
    "a while loop over epochs": (
        "epoch = 0\nwhile epoch < 8:\n    for batch in loader: step(batch)\n    epoch += 1",
        8,
    ),
    "a while loop over steps": (
        "done = 0\n"
        "while done < args.steps:\n"
        "    for batch in loader:\n"
        "        step(batch)\n"
        "        done += 1",
        500 / 20,
    ),
    "accumulation": (
        "for epoch in range(5):\n"
        "    optimizer.zero_grad()\n"
        "    for i, (x, y) in enumerate(loader):\n"
        "        (torch.nn.functional.mse_loss(model(x), y) / 2).backward()\n"
        "        if (i + 1) % 2 == 0:\n"
        "            optimizer.step()\n"
        "            optimizer.zero_grad()",
        5,
    ),
    "an early end while nothing is learned": (
        "for epoch in range(40):\n    for batch in loader: step(batch)\n    break",
        40,
    ),
    "steps over data without a length": (
        "class Endless(torch.utils.data.IterableDataset):\n"
        "    def __iter__(self):\n"
        "        while True: yield torch.zeros(3), torch.zeros(1)\n"
        "batches = iter(DataLoader(Endless(), batch_size=10))\n"
        "for i in range(250):\n"
        "    step(next(batches))",
        2.5,
    ),
    "nothing that counts": ("while True:\n    for batch in loader: step(batch)", None),
    "an end before the look": ("for batch in loader: step(batch)\nloader = None", 1),
}


def found_in(folder: Path, server: Optional[Server], text: str) -> Dict[str, Any]:
    file = folder / "train.py"
    file.write_text(text)
    plan = {"updates": 27, "mostUpdates": 30, "seconds": 0.0, "nominalEpoch": 1000}
    what = {"kind": "script", "target": str(file), "args": []}
    with Fork(server) if server else Runner(folder) as runner:
        answer = runner.value("begin", program=what, root=str(folder), seed=42, discover=plan)
    assert answer["ok"], answer
    return answer["value"]


@pytest.mark.parametrize("name", loops)
def test_loops_tell_the_epochs(name: str, tmp_path: Path, server: Server) -> None:
    loop, expected = loops[name]
    epochs = found_in(tmp_path, server, start + loop)["epochs"]
    assert epochs == (None if expected is None else pytest.approx(expected, rel=0.01))


def test_a_plan_is_looked_for_without_side_effects(tmp_path: Path, server: Server) -> None:
    text = """
calls = []
def epochs():
    calls.append(1)
    assert len(calls) == 1
    return 12
for epoch in range(epochs()):
    for batch in loader: step(batch)
"""
    assert found_in(tmp_path, server, start + text)["epochs"] is None


def test_reports_tell_the_epochs(tmp_path: Path) -> None:
    text = """
import batchwise
size = batchwise.batch_size(10)
batchwise.dataset_size(100)
for epoch in range(11):
    for at in range(0, 100, size):
        batchwise.report(loss=1.0, samples=size)
"""
    assert found_in(tmp_path, None, text)["epochs"] == 11
