"""Step times: blocks of updates, each timed with one wait for the device."""

from __future__ import annotations

import math
import time
from typing import Dict, List, Optional

from . import processor
from .adapter import Adapter

#: Seconds of a block of updates that is timed with one device sync; a longer update is a block.
BLOCK_SECONDS = 0.04
#: Warm-up ends when a block is no longer this much faster than the fastest before it.
SETTLED = 0.95
WARM_UP_BLOCKS = 8
WARM_UP_SECONDS = 1.5


class WarmUp:
    """Tells when step times have stopped falling, as the TensorFlow.js trainer does."""

    def __init__(self) -> None:
        self.over = False
        #: The latest block, for a training that ends before it is warm.
        self.latest: Optional[Dict[str, float]] = None
        self._fastest = math.inf
        self._blocks = 0
        self._seconds = 0.0

    def observe(self, block: Dict[str, float]) -> None:
        self.latest = block
        seconds = block["ms"] / 1000
        step = seconds / block["iterations"]
        self._blocks += 1
        self._seconds += seconds
        settled = step > self._fastest * SETTLED
        self._fastest = min(self._fastest, step)
        self.over = (
            self.over
            or settled
            or self._blocks >= WARM_UP_BLOCKS
            or self._seconds >= WARM_UP_SECONDS
        )


class Blocks:
    """The blocks of one call of the tuner, and the one that is open."""

    def __init__(self) -> None:
        #: Of each block since the warm-up: updates, milliseconds and, where known, the share that
        #: its threads waited.
        self.found: List[Dict[str, float]] = []
        self._warm = WarmUp()
        self._was_timed = False
        self._start: Optional[float] = None
        self._threads: Optional[processor.Threads] = None
        self._updates = 0

    @property
    def is_open(self) -> bool:
        return self._start is not None

    def is_long_enough(self, now: float) -> bool:
        return self._start is not None and now - self._start >= BLOCK_SECONDS

    def open(self, adapter: Adapter) -> None:
        """Timing starts here: the device has nothing left to do."""
        adapter.sync()
        self._threads = self._threads_of(adapter)
        self._start = time.perf_counter()
        self._updates = 0

    def count(self, is_full: bool) -> None:
        """An update was made; one of a smaller batch is not timed, nor is the block that it ends."""
        if not self.is_open:
            return
        if is_full:
            self._updates += 1
        else:
            self.drop()

    def close(self, adapter: Adapter) -> None:
        """Timing ends here; what comes next is no training."""
        if self._start is None:
            return
        if self._updates > 0:
            adapter.sync()
            wall = time.perf_counter() - self._start
            before, after = self._threads, self._threads_of(adapter)
            self._take(processor.given(wall, before, after, adapter.computes_on))
        self.drop()

    def drop(self) -> None:
        """What has just been timed is no training."""
        self._start = None
        self._updates = 0

    def end(self) -> None:
        """No more will come: of a training that ended before it was warm, the latest counts."""
        if not self._was_timed and self._warm.latest is not None:
            self.found = [self._warm.latest]

    def _threads_of(self, adapter: Adapter) -> Optional[processor.Threads]:
        return None if adapter.computes_on == "elsewhere" else processor.threads()

    def _take(self, given: processor.Given) -> None:
        block: Dict[str, float] = {"iterations": self._updates, "ms": given.seconds * 1000}
        if given.waiting_share is not None:
            block["waitingShare"] = given.waiting_share
        if self._warm.over:
            self._was_timed = True
            self.found.append(block)
        else:
            self._warm.observe(block)
