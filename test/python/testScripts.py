"""Scripts as people write them: found out about, run with another size, counted to their end."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import NamedTuple, Optional

import pytest
from driver import Runner, discover, program, trial_of


class Script(NamedTuple):
    name: str
    framework: str
    #: Module that must be installed.
    needs: Optional[str]
    #: As the script has them: samples of an update and of an epoch.
    size: int
    samples: Optional[int]
    #: Updates of the whole script at twice the size, and the samples that they see.
    updates: int
    seen: int
    #: The file of the person's own that makes the loader.
    place: Optional[str] = None


SCRIPTS = [
    Script("torchArgparse.py", "PyTorch", "torch", 16, 640, 60, 1920, "torchArgparse.py"),
    Script("torchGlobals.py", "PyTorch", "torch", 20, 600, 45, 1800, "torchGlobals.py"),
    Script("torchTrainerClass.py", "PyTorch", "torch", 32, 512, 24, 1536, "torchTrainerClass.py"),
    Script("torchAccumulation.py", "PyTorch", "torch", 32, 640, 40, 2560, "torchAccumulation.py"),
    Script("torchScaler.py", "PyTorch", "torch", 16, 512, 63, 2016, "torchScaler.py"),
    Script("torchIterable.py", "PyTorch", "torch", 10, None, 60, 1200, "torchIterable.py"),
    Script("torchGan.py", "PyTorch", "torch", 16, 320, 40, 1280, "torchGan.py"),
    Script("torchBatchSampler.py", "PyTorch", "torch", 12, 480, 60, 1440),
    Script("torchWorkers.py", "PyTorch", "torch", 16, 320, 30, 960, "torchWorkers.py"),
    Script("notebook.ipynb", "PyTorch", "torch", 12, 240, 30, 720),
    Script("package.train", "PyTorch", "torch", 10, 200, 30, 600, "train.py"),
    Script("lightningDataModule.py", "Lightning", "lightning", 16, 640, 100, 3200),
    Script("lightningLoaders.py", "Lightning", "lightning", 16, 256, 32, 1024),
    Script("lightningCheckpoints.py", "Lightning", "lightning", 16, 384, 36, 1152),
    Script("trainerBert.py", "Hugging Face Trainer", "datasets", 16, 256, 160, 5120),
    Script("trainerCollator.py", "Hugging Face Trainer", "transformers", 8, 192, 36, 576),
    Script("trlPacked.py", "TRL", "trl", 8, 240, 90, 1440, "trlPacked.py"),
    Script("accelerateAccumulate.py", "Accelerate", "accelerate", 16, 600, 76, 2400),
    Script("accelerateFunction.py", "Accelerate", "accelerate", 24, 480, 30, 1440),
    Script("kerasArrays.py", "Keras (torch)", "keras", 32, 800, 52, 3200),
    Script("kerasFunctional.py", "Keras (torch)", "keras", 16, 400, 39, 1200),
    Script("kerasDataset.py", "Keras (torch)", "keras", 16, 320, 200, 6400),
    Script("reportLoop.py", "report", None, 10, 200, 50, 1000),
    Script("reportNumpy.py", "report", "numpy", 15, 300, 40, 1200),
    Script("program.sh", "command", None, 8, 96, 40, 640),
]


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.name for script in SCRIPTS])
def test_is_followed_to_its_end(script: Script, tmp_path: Path) -> None:
    if script.needs is not None and importlib.util.find_spec(script.needs) is None:
        pytest.skip("%s is not installed" % script.needs)
    what = program(script.name)
    env = {"PYTHONPATH": str(Path(__file__).parent / "scripts")}
    output = discover(what, tmp_path, env)
    assert output["ok"], output
    found = output["value"]
    assert found["framework"] == script.framework
    assert found["batchSize"] == script.size
    assert found["samples"] == script.samples
    assert found["startLoss"] is not None
    # It shows how long it means to train, but for a program of which nothing is seen.
    seen = found["samples"] or 400
    epochs = None if script.framework == "command" else pytest.approx(script.seen / seen, rel=0.05)
    assert found["epochs"] == epochs
    if script.place is not None:
        made = Path(found["loader"]["file"])
        assert made.name == script.place
        line = made.read_text().splitlines()[found["loader"]["line"] - 1]
        assert "DataLoader(" in line or ".train()" in line

    with Runner(tmp_path, env) as runner:
        begun = runner.value("begin", **trial_of(found, what, 2 * script.size))
        assert begun == {"ok": True, "value": {"begun": True}}
        first = runner.value("advance", iterations=5, maxSeconds=1000)
        # A report comes after its update, a hook before it.
        assert first["iterations"] in (5, 6)
        assert first["status"] == "ok"
        assert not first["ended"]
        last = runner.value("advance", iterations=10**6, maxSeconds=1000)
        assert last["ended"], last
        assert last["iterations"] == script.updates
        assert last["samples"] == script.seen
        assert last["blocks"], "no step was timed"
        assert all(block["ms"] > 0 for block in last["blocks"])
        assert last["peakBytes"] > 0
        loss = runner.value("evaluate")["loss"]
        assert loss is not None
    # Nothing was written beside the script's own folder.
    assert not list(tmp_path.glob("**/*.ckpt")) and not list(tmp_path.glob("**/best.keras"))
