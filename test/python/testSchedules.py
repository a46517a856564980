"""Learning-rate schedules: at each size where the script's own is after as many samples."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
from driver import Fork, Runner, Server, discover, trial_of


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    with Server(tmp_path_factory.mktemp("server")) as started:
        assert started.call("preload", modules=["torch", "torch._dynamo", "numpy"], environment={}) == {"obstacle": None}
        yield started


scheduled = """
import math
import torch
from torch.optim import lr_scheduler as schedules
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.randn(240, 3)
loader = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), batch_size=20, shuffle=True)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
warmup = 10
total = 4 * len(loader)

def warmed(step):
    if step < warmup:
        return step / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))

class Halving(schedules.LRScheduler):
    def __init__(self, optimizer, every):
        self.every = every
        super().__init__(optimizer)

    def get_lr(self):
        return [base * 0.5 ** (self.last_epoch // self.every) for base in self.base_lrs]

def fresh():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)

all_schedules = []
for make in [
MADE
]:
    all_schedules.append(make(fresh() if all_schedules else optimizer))
watched = [schedule.optimizer for schedule in all_schedules] or [optimizer]
seen = 0
for epoch in range(4):
    for step, (inputs, targets) in enumerate(loader):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(inputs), targets).backward()
        told = [each.param_groups[0]["lr"].hex() for each in watched]
        print("rate", seen, *told, flush=True)
        optimizer.step()
        seen += len(inputs)
        BY_UPDATE
    BY_EPOCH
"""


def written(folder: Path, schedules: List[str], step: str, by: str = "BY_UPDATE") -> Dict[str, Any]:
    other = "BY_EPOCH" if by == "BY_UPDATE" else "BY_UPDATE"
    made = "\n".join("    lambda it: %s," % each for each in schedules)
    text = scheduled.replace("MADE", made).replace(by, step).replace(other, "pass")
    file = folder / "train.py"
    file.write_text(text)
    return {"kind": "script", "target": str(file), "args": []}


def found_in(server: Server, what: Dict[str, Any]) -> Dict[str, Any]:
    plan = {"updates": 16, "mostUpdates": 16, "seconds": 0.01}
    with Fork(server) as runner:
        root = str(Path(what["target"]).parent)
        answer = runner.value("begin", program=what, root=root, seed=42, discover=plan)
    assert answer["ok"], answer
    return answer["value"]


def rates(
    server: Server, what: Dict[str, Any], found: Dict[str, Any], size: int
) -> Dict[int, List[float]]:
    """The learning rates of each update, by the samples before it."""
    root = str(Path(what["target"]).parent)
    with Fork(server) as runner:
        answer = runner.value("begin", **{**trial_of(found, what, size), "root": root})
        assert answer["ok"], answer
        assert runner.value("advance", iterations=10**6, maxSeconds=1000)["ended"]
        lines = [line.split() for line in runner.stderr().splitlines()]
    told = [line[1:] for line in lines if line and line[0] == "rate"]
    return {int(samples): [float.fromhex(rate) for rate in given] for samples, *given in told}


BY_UPDATE = [
    "schedules.LambdaLR(it, warmed)",
    "schedules.LambdaLR(it, lambda step: 0.9**step)",
    "schedules.StepLR(it, step_size=15, gamma=0.5)",
    "schedules.StepLR(it, step_size=len(loader), gamma=0.5)",
    "schedules.MultiStepLR(it, [7, 30])",
    "schedules.ExponentialLR(it, 0.97)",
    "schedules.MultiplicativeLR(it, lambda step: 0.95)",
    "schedules.CosineAnnealingLR(it, T_max=48)",
    "schedules.CosineAnnealingLR(it, total)",
    "schedules.CosineAnnealingWarmRestarts(it, T_0=12, T_mult=2)",
    "schedules.OneCycleLR(it, max_lr=0.3, total_steps=48)",
    "schedules.OneCycleLR(it, 0.3, epochs=4, steps_per_epoch=len(loader))",
    "schedules.CyclicLR(it, 0.01, 0.1, step_size_up=9)",
    "schedules.PolynomialLR(it, total_iters=40, power=2)",
    "schedules.ChainedScheduler([schedules.ConstantLR(it, 0.1, 8), schedules.ExponentialLR(it, 0.95)])",
    "Halving(it, 9)",
    "Halving(it, every=len(loader))",
    "schedules.SequentialLR(it, [schedules.LinearLR(it, 0.1, total_iters=warmup), "
    "schedules.CosineAnnealingLR(it, total - warmup)], milestones=[warmup])",
]


def test_that_count_updates_are_kept_in_samples(tmp_path: Path, server: Server) -> None:
    what = written(tmp_path, BY_UPDATE, "for each in all_schedules: each.step()")
    found = found_in(server, what)
    # The rate that is shown is the one that is warmed up to.
    assert found["learningRate"] == 0.1
    own = rates(server, what, found, 20)
    assert own == rates(server, what, {**found, "schedules": None}, 20)
    assert len(own) == 48
    for size in (40, 10, 100):
        trial = rates(server, what, found, size)
        assert len(trial) == 4 * -(-240 // size)
        for samples, given in trial.items():
            expected = own[samples // 20 * 20]
            for schedule, *pair in zip(BY_UPDATE, given, expected):
                assert pair[0] == pytest.approx(pair[1], rel=1e-3, abs=2e-5), (schedule, size, samples)
    # Each moves: nothing constant was compared.
    assert all(len(set(each)) > 2 for each in zip(*own.values()))


@pytest.mark.parametrize(
    ("schedule", "step", "by"),
    [
        ("schedules.StepLR(it, 2, gamma=0.5)", "it.step()", "BY_EPOCH"),
        ("schedules.ReduceLROnPlateau(it, patience=0, threshold=9)", "it.step(1.0)", "BY_EPOCH"),
        ("schedules.CosineAnnealingWarmRestarts(it, 2)", "it.step(epoch + step / len(loader))", "BY_UPDATE"),
    ],
)
def test_that_count_epochs_are_left_alone(schedule: str, step: str, by: str, tmp_path: Path, server: Server) -> None:
    what = written(tmp_path, [schedule], step.replace("it", "all_schedules[0]"), by)
    found = found_in(server, what)
    assert [each["perUpdate"] for each in found["schedules"]["made"]] == [0]
    assert rates(server, what, found, 40) == rates(server, what, {**found, "schedules": None}, 40)


def test_of_a_script_that_sets_each_rate_itself_is_told(tmp_path: Path, server: Server) -> None:
    setting = 'optimizer.param_groups[0]["lr"] = 0.1 * warmed(seen // 20)'
    found = found_in(server, written(tmp_path, [], setting))
    assert found["setsRates"]
    assert found["learningRate"] == 0.1
    by_epoch = written(tmp_path, [], 'optimizer.param_groups[0]["lr"] *= 0.5', "BY_EPOCH")
    assert not found_in(server, by_epoch)["setsRates"]


keras_scheduled = """
import keras
import numpy as np
if BACKEND == "tf_keras":
    import tf_keras as keras
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(240, 3)).astype("float32")
y = x.sum(1, keepdims=True)
size = 20
schedules = keras.optimizers.schedules
seen = 0

class Telling(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.at = 240 * epoch

    def on_train_batch_end(self, batch, logs=None):
        getattr(self.model, "jax_state_sync", int)()
        print("rate", self.at, float(self.model.optimizer.learning_rate).hex(), flush=True)
        self.at += SIZE

model = keras.Sequential([keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(RATE), "mse")
model.fit(x, y, batch_size=size, epochs=4, callbacks=[Telling(), *CALLBACKS])
"""


def keras_rates(tmp_path: Path, rate: str, size: int, own: Dict[str, Any], backend: str, **more: Any) -> Any:
    """What is found of the script, where no own is given, and the rates of each update."""
    callbacks = more.pop("callbacks", "[]")
    text = keras_scheduled.replace("SIZE", str(size)).replace("RATE", rate)
    file = tmp_path / "train.py"
    file.write_text(text.replace("CALLBACKS", callbacks).replace("BACKEND", repr(backend)))
    what = {"kind": "script", "target": str(file), "args": []}
    env = {"KERAS_BACKEND": "tensorflow" if backend == "tf_keras" else backend}
    found = own
    if not found:
        found = discover(what, tmp_path, env)["value"]
    with Runner(tmp_path, env) as runner:
        assert runner.value("begin", **{**trial_of(found, what, size), **more})["ok"]
        assert runner.value("advance", iterations=10**6, maxSeconds=1000)["ended"]
        lines = [line.split() for line in runner.stderr().splitlines()]
    told = [line for line in lines if line and line[0] == "rate"]
    return found, {int(samples): float.fromhex(given) for _, samples, given in told}


KERAS = [
    ("schedules.CosineDecay(0.0, 38, warmup_target=0.1, warmup_steps=10)", 0.1),
    ("schedules.PiecewiseConstantDecay([7, 30], [0.1, 0.05, 0.01])", 0.1),
]


def check_keras(tmp_path: Path, backend: str) -> None:
    for rate, highest in KERAS:
        found, own = keras_rates(tmp_path, rate, 20, {}, backend)
        assert found["learningRate"] == highest
        assert len(set(own.values())) > 2
        _, larger = keras_rates(tmp_path, rate, 40, found, backend)
        assert len(larger) == 24
        # Told after each update, of which the schedule's count is then one further.
        for samples, given in larger.items():
            assert given == pytest.approx(own[samples + 20], rel=1e-4, abs=1e-6)
    # What a callback makes of the rate is the script's own rate of the epoch.
    callbacks = "[keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.5 * rate)]"
    found, own = keras_rates(tmp_path, "0.1", 40, {}, backend, rateFactor=2.0, callbacks=callbacks)
    assert found["learningRate"] == 0.1
    assert not found["setsRates"]
    assert [own[240 * epoch] for epoch in range(4)] == pytest.approx([0.1, 0.05, 0.025, 0.0125])


def test_of_keras_are_kept_in_samples(tmp_path: Path) -> None:
    for module in ("keras", "torch"):
        if importlib.util.find_spec(module) is None:
            pytest.skip("%s is not installed" % module)
    check_keras(tmp_path, "torch")
