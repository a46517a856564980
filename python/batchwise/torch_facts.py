"""What a PyTorch training tells of itself: its data, its optimizer, its device."""

from __future__ import annotations

import sys
from typing import Any, Dict, List, Optional, Tuple

#: An optimizer's name here, by its class.
OPTIMIZERS = {
    "SGD": "sgd",
    "Adam": "adam",
    "AdamW": "adamw",
    "NAdam": "adam",
    "RAdam": "adam",
    "Adamax": "adamax",
    "Adagrad": "adagrad",
    "RMSprop": "rmsprop",
}


def is_instance(value: Any, kind: type) -> bool:
    try:
        return isinstance(value, kind)
    except Exception:
        return False


def owned(optimizer: Any) -> int:
    return sum(p.numel() for group in optimizer.param_groups for p in group["params"])


def device_of(optimizer: Any) -> Any:
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            return parameter.device
    return None


def length_of(loader: Any) -> Optional[int]:
    sampler = getattr(loader, "sampler", None)
    batch_sampler = getattr(loader, "batch_sampler", None)
    for candidate in (getattr(batch_sampler, "sampler", None), sampler, loader.dataset):
        try:
            if candidate is not None and type(candidate).__name__ != "_InfiniteConstantSampler":
                return len(candidate)
        except (TypeError, NotImplementedError):
            continue
    return None


def shape_of(batch: Any, torch: Any, depth: int = 0) -> Tuple[Optional[int], Any]:
    """Samples of a batch, and the shape of its first tensor that has a first axis."""
    if isinstance(batch, torch.Tensor):
        shape = batch.shape
        return (shape[0], shape) if shape else (None, None)
    graphs = getattr(batch, "num_graphs", None)
    if isinstance(graphs, int):
        return graphs, (graphs,)
    if depth > 3:
        return None, None
    values: Any = ()
    if isinstance(batch, dict) or hasattr(batch, "items"):
        values = [value for _, value in batch.items()]
    elif isinstance(batch, (list, tuple)):
        values = batch
    for value in values:
        found = shape_of(value, torch, depth + 1)
        if found[0] is not None:
            return found
    if depth == 0 and isinstance(batch, list) and batch and not isinstance(batch[0], list):
        return len(batch), (len(batch),)
    return None, None


def framework() -> str:
    for module, name in (
        ("trl.trainer.sft_trainer", "TRL"),
        ("transformers.trainer", "Hugging Face Trainer"),
        ("lightning.pytorch.trainer.trainer", "Lightning"),
        ("pytorch_lightning.trainer.trainer", "Lightning"),
        ("accelerate.accelerator", "Accelerate"),
    ):
        if module in sys.modules:
            return name
    return "PyTorch"


def versions(torch: Any) -> Dict[str, str]:
    found = {"python": "%d.%d.%d" % sys.version_info[:3], "torch": str(torch.__version__)}
    for name in ("lightning", "pytorch_lightning", "transformers", "accelerate", "trl"):
        module = sys.modules.get(name)
        version = getattr(module, "__version__", None)
        if version is not None:
            found[name] = str(version)
    return found


def processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    import platform

    return platform.processor() or platform.machine() or "CPU"
