"""Bytes of the process and of the machine."""

from __future__ import annotations

import os
import sys
from typing import Dict, Optional


def _status(field: str) -> Optional[int]:
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def reset_peak() -> None:
    """Starts the peak of the resident set anew, where the system can."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def peak_bytes() -> int:
    """The most bytes that this process held in memory at once."""
    peak = _status("VmHWM")
    if peak is not None:
        return peak
    try:
        import resource
    except ImportError:
        return _windows_peak()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _windows_peak() -> int:
    import ctypes
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        _fields_ = [("cb", wintypes.DWORD), ("faults", wintypes.DWORD)] + [
            (name, ctypes.c_size_t)
            for name in ("peak", "now", "a", "b", "c", "d", "page", "peakPage")
        ]

    counters = Counters()
    counters.cb = ctypes.sizeof(counters)
    kernel = ctypes.WinDLL("psapi")
    own = ctypes.WinDLL("kernel32").GetCurrentProcess()
    ok = kernel.GetProcessMemoryInfo(wintypes.HANDLE(own), ctypes.byref(counters), counters.cb)
    return int(counters.peak) if ok else 0


def available_bytes() -> Optional[int]:
    """What the machine, or the container, can still give; None where nothing tells."""
    found = [value for value in (_free_of_machine(), _free_of_group()) if value is not None]
    return min(found) if found else None


def _free_of_machine() -> Optional[int]:
    try:
        with open("/proc/meminfo") as file:
            fields: Dict[str, str] = dict(line.split(":", 1) for line in file)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None


def _free_of_group() -> Optional[int]:
    folder = "/sys/fs/cgroup"
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            with open(os.path.join(folder, limit)) as file:
                most = int(file.read())
            with open(os.path.join(folder, used)) as file:
                return max(0, most - int(file.read()))
        except (OSError, ValueError):
            continue
    return None
