"""Tells which frameworks this Python has and what they run on: one line of JSON."""

import importlib.metadata
import json
import platform

NAMES = ("torch", "lightning", "accelerate", "transformers", "trl", "keras", "tensorflow", "jax")


def versions():
    found = {}
    for name in NAMES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def devices(frameworks):
    if "torch" not in frameworks:
        return []
    try:
        import torch
    except Exception:
        return []
    found = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    mps = getattr(torch.backends, "mps", None)
    if mps is not None and mps.is_available():
        found.append("Apple GPU (MPS)")
    return found


frameworks = versions()
print(
    json.dumps(
        {
            "version": platform.python_version(),
            "frameworks": frameworks,
            "devices": devices(frameworks),
        }
    )
)
