"""What a PyTorch training tells of itself: its data, its optimizer, its device."""

from __future__ import annotations

import gc
import sys
from typing import Any, Dict, List, Optional, Tuple

from . import memory

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


def rate_of(group: Dict[str, Any]) -> float:
    """The rate that the script gives; a schedule may begin far below it, or at zero."""
    for name in ("max_lr", "initial_lr", "lr"):
        rate = group.get(name)
        if rate is not None and float(rate) > 0:
            return float(rate)
    return 0.0


def owned(optimizer: Any) -> int:
    return sum(p.numel() for group in optimizer.param_groups for p in group["params"])


def device_of(optimizer: Any) -> Any:
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            return parameter.device
    return None


def replicas(torch: Any) -> int:
    """Processes that exchange their gradients."""
    distributed = getattr(torch, "distributed", None)
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return 1
    return int(distributed.get_world_size())


def length_of(loader: Any) -> Optional[int]:
    sampler = getattr(loader, "sampler", None)
    batch_sampler = getattr(loader, "batch_sampler", None)
    for candidate in (getattr(batch_sampler, "sampler", None), sampler, loader.dataset):
        try:
            if candidate is not None and type(candidate).__name__ != "_InfiniteConstantSampler":
                # A distributed sampler counts its own share.
                return len(candidate) * int(getattr(candidate, "num_replicas", 1))
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


def divisor_of(loss: Any) -> float:
    """The number that a loss was divided by in the script's last step to it; 1 for none."""
    made_by = getattr(loss, "grad_fn", None)
    name = type(made_by).__name__
    if name not in ("DivBackward0", "MulBackward0"):
        return 1.0
    try:
        other = float(made_by._saved_other)
    except (AttributeError, RuntimeError, TypeError, ValueError):
        return 1.0
    return other if name == "DivBackward0" else 1.0 / (other or 1.0)


def divides_losses(divisor: Optional[float], parts: int) -> bool:
    """The losses of an update's batches are shares of its loss: the frameworks see to that."""
    return framework() != "PyTorch" or abs((divisor or 1.0) - parts) < 1e-3


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


def available_bytes(torch: Any, device: Any) -> Optional[int]:
    """Bytes that a trial may take on the device."""
    if getattr(device, "type", "cpu") == "cuda":
        free = torch.cuda.mem_get_info(device)[0]
        return int(free + torch.cuda.memory_reserved(device))
    return memory.available_bytes()


def device_name(torch: Any, device: Any) -> str:
    kind = getattr(device, "type", "cpu")
    if kind == "cuda":
        return str(torch.cuda.get_device_name(device))
    if kind == "mps":
        return "Apple GPU (MPS)"
    return processor()


def largest_model(torch: Any) -> Tuple[List[str], bool, int]:
    """Layer class names, batch normalization and size of the largest model there is."""
    module_kind = torch.nn.Module
    roots = [each for each in gc.get_objects() if is_instance(each, module_kind)]
    best: Any = None
    most = 0
    for each in roots:
        try:
            count = sum(p.numel() for p in each.parameters())
            inner = sum(1 for _ in each.modules())
        except Exception:
            continue
        if count > most or (count == most and best is not None and inner > best[1]):
            best, most = (each, inner), count
    if best is None:
        return [], False, 0
    names = [type(each).__name__ for each in best[0].modules() if not list(each.children())]
    return names[:2000], any("BatchNorm" in name for name in names), most


def held_bytes(torch: Any, optimizer: Any) -> Dict[str, int]:
    """Bytes of parameters, their gradients and the optimizer's state."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    held = sum(p.numel() * p.element_size() for p in parameters)
    state = 0
    for values in optimizer.state.values():
        if isinstance(values, dict):
            for value in values.values():
                if isinstance(value, torch.Tensor):
                    state += value.numel() * value.element_size()
    return {"parameters": held, "optimizer": state, "gradients": held}
