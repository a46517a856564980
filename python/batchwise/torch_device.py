"""What PyTorch asks a device: to wait for it, its memory, and the values of losses on it."""

from __future__ import annotations

from typing import Any, List, Optional

from . import memory


def kind_of(device: Any) -> str:
    return getattr(device, "type", "cpu")


def computes_on(device: Any) -> str:
    return "threads" if kind_of(device) == "cpu" else "device"


def synchronize(torch: Any, device: Any) -> None:
    """Waits until the device has done what it was given."""
    kind = kind_of(device)
    module = None if kind == "cpu" else getattr(torch, kind, None)
    if module is not None and hasattr(module, "synchronize"):
        module.synchronize()


def values_of(torch: Any, losses: List[Any]) -> List[float]:
    """Scalars as numbers, with one transfer where one device has them all."""
    if not losses:
        return []
    with torch.no_grad():
        flat = [loss.reshape(()).to(torch.float32) for loss in losses]
        if len({each.device for each in flat}) == 1:
            return [float(value) for value in torch.stack(flat).tolist()]
        return [float(value) for value in flat]


def peak_bytes(torch: Any, device: Any) -> Optional[int]:
    """Of the device's allocator; of the whole process on a CPU."""
    kind = kind_of(device)
    if kind == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if kind == "mps":
        return int(torch.mps.driver_allocated_memory())
    return memory.peak_bytes()


def limit_bytes(torch: Any, device: Any, most: float) -> None:
    """Lets the allocator take no more; only CUDA's can be told so."""
    if kind_of(device) == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, most / total), device)
