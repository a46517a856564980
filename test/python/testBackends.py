"""Keras on TensorFlow and on JAX, Keras 2, and a loop in JAX that reports."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import NamedTuple, Tuple

import pytest
from driver import Runner, discover, program, trial_of
from testSchedules import check_keras


class Backend(NamedTuple):
    name: str
    framework: str
    needs: Tuple[str, ...]
    size: int
    samples: int
    evaluates: bool
    #: Of the whole script at twice the size.
    updates: int
    seen: int


BACKENDS = [
    Backend("kerasTfData.py", "Keras (tensorflow)", ("tensorflow",), 16, 512, True, 160, 5120),
    Backend("kerasRepeated.py", "Keras (tensorflow)", ("tensorflow",), 32, 512, False, 80, 5120),
    Backend("kerasLegacy.py", "Keras (tensorflow)", ("tensorflow", "tf_keras"), 20, 600, True, 150, 6000),
    Backend("kerasJax.py", "Keras (jax)", ("keras", "jax"), 25, 400, True, 80, 4000),
    Backend("reportOptax.py", "report", ("jax", "optax"), 32, 640, False, 100, 6400),
]


@pytest.mark.parametrize("backend", BACKENDS, ids=[backend.name for backend in BACKENDS])
def test_is_tuned(backend: Backend, tmp_path: Path) -> None:
    for module in backend.needs:
        if importlib.util.find_spec(module) is None:
            pytest.skip("%s is not installed" % module)
    what = program(backend.name)
    output = discover(what, tmp_path)
    assert output["ok"], output
    found = output["value"]
    assert found["framework"] == backend.framework
    assert (found["batchSize"], found["samples"]) == (backend.size, backend.samples)
    assert found.get("evaluates", False) == backend.evaluates

    with Runner(tmp_path) as runner:
        assert runner.value("begin", **trial_of(found, what, 2 * backend.size))["ok"]
        start = runner.value("evaluate")["loss"]
        first = runner.value("advance", iterations=6, maxSeconds=1000)
        assert 6 <= first["iterations"] <= 8
        again = [runner.value("evaluate")["loss"] for _ in "ab"]
        assert again[0] == again[1] != start
        last = runner.value("advance", iterations=10**6, maxSeconds=1000)
        assert last["ended"], last
        assert (last["iterations"], last["samples"]) == (backend.updates, backend.seen)
        assert last["blocks"], "no step was timed"
        assert runner.value("evaluate")["loss"] < start


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "tf_keras"])
def test_schedules_are_kept_in_samples(backend: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip("%s is not installed" % backend)
    check_keras(tmp_path, backend)
