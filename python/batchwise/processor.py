"""What a machine gave to a block of updates: how long its threads ran, and waited to."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import Dict, Optional, Tuple

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_TASKS = "/proc/self/task"
_NANOSECONDS = 1e9


@dataclass(frozen=True)
class Threads:
    """Seconds that each thread of this process ran, and was ready to run but had to wait."""

    #: The one that trains.
    own: int
    times: Dict[int, Tuple[float, float]]


@dataclass(frozen=True)
class Given:
    """What became of a block's time."""

    #: Without what is known to be due to waiting: never more than the wall clock.
    seconds: float
    #: Of the time in which threads were ready to run; None where the system does not report it.
    waiting_share: Optional[float]


def threads() -> Optional[Threads]:
    """None where the system does not report them, as all but Linux."""
    if resource is not None:
        # Linux counts a running thread at its ticks only; asking brings the count up to date.
        resource.getrusage(resource.RUSAGE_SELF)
    times: Dict[int, Tuple[float, float]] = {}
    try:
        for name in os.listdir(_TASKS):
            found = _times_of(name)
            if found is not None:
                times[int(name)] = found
    except OSError:
        return None
    own = threading.get_native_id()
    return Threads(own, times) if own in times else None


def _times_of(name: str) -> Optional[Tuple[float, float]]:
    """`running waiting slices`, the first two in nanoseconds; None for a thread that has ended."""
    try:
        # https://docs.kernel.org/scheduler/sched-stats.html
        with open("%s/%s/schedstat" % (_TASKS, name), "rb") as file:
            running, waiting = file.read().split()[:2]
    except (OSError, ValueError):
        return None
    return int(running) / _NANOSECONDS, int(waiting) / _NANOSECONDS


def given(
    wall: float, before: Optional[Threads], after: Optional[Threads], computes_on: str
) -> Given:
    """
    What is left of `wall` seconds without what other programs took. Where threads of this process
    compute (see `Adapter.computes_on`), the training thread loses the time that it waited itself,
    and the time that it slept while one of the others waited: it sleeps until they have done their
    part. What it spins meanwhile cannot be told from its work, so that the rest is rather too long
    than too short.
    """
    if before is None or after is None or before.own != after.own:
        return Given(wall, None)
    ran: Dict[int, float] = {}
    waited: Dict[int, float] = {}
    for thread, (running, waiting) in after.times.items():
        began_running, began_waiting = before.times.get(thread, (0.0, 0.0))
        ran[thread] = max(0.0, running - began_running)
        waited[thread] = max(0.0, waiting - began_waiting)
    own = after.own
    all_waited = sum(waited.values())
    ready = sum(ran.values()) + all_waited
    share = all_waited / ready if ready > 0 else 0.0
    if computes_on != "threads":
        return Given(wall, share)
    asleep = max(0.0, wall - ran[own] - waited[own])
    others = max((each for thread, each in waited.items() if thread != own), default=0.0)
    lost = waited[own] + min(asleep, others)
    return Given(max(min(ran[own], wall), wall - lost), share)
