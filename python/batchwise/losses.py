"""Training losses: kept on the device, read in one transfer, and judged."""

from __future__ import annotations

import math
from typing import Any, List, Optional, Tuple

from .adapter import Adapter

#: Losses that are kept on the device before they are read, and afterwards.
MOST_KEPT = 4096
#: Updates below which an epoch says nothing about divergence.
FEWEST_UPDATES = 20


class DivergenceWatch:
    """Diverged: a loss that is no number, or both halves of an epoch above the start."""

    def __init__(self, start: Optional[float], error: Optional[float]) -> None:
        self._bound = math.inf if start is None or error is None else start + 2 * error
        self._start = start
        self._judged = 0
        self._seen: List[float] = []

    def observe(self, epoch: float, losses: List[float]) -> Optional[str]:
        for loss in losses:
            if not math.isfinite(loss):
                return "The loss became %s in epoch %.2f." % (loss, epoch)
        self._seen += losses
        if int(epoch) <= self._judged or len(self._seen) < FEWEST_UPDATES:
            return None
        middle = len(self._seen) // 2
        halves = (self._seen[:middle], self._seen[middle:])
        self._judged = int(epoch)
        self._seen = []
        if any(sum(half) / len(half) <= self._bound for half in halves):
            return None
        return "The loss stayed above its start (%.4g) for a whole epoch." % self._start


class Losses:
    """The losses of all updates: an update has one for each batch that it accumulates."""

    def __init__(self) -> None:
        #: Those of the batches of an update are shares of its loss; else each is one of its own.
        self.are_shares = False
        #: Samples seen at an update, and its mean loss; the latest ones.
        self.history: List[Tuple[int, float]] = []
        #: The mean losses since the call began.
        self.of_call: List[float] = []
        self._pending: List[Any] = []
        self._counts: List[int] = []
        self._samples: List[int] = []
        self._fresh = 0

    @property
    def is_full(self) -> bool:
        return len(self._pending) > MOST_KEPT

    def add(self, value: Any) -> None:
        """A loss of the coming update, still on the device."""
        self._pending.append(value)
        self._fresh += 1

    def drop(self) -> None:
        """Forgets losses of an update that was skipped."""
        if self._fresh:
            del self._pending[-self._fresh :]
            self._fresh = 0

    def after_update(self, samples: int) -> None:
        """The losses since the last update are those of one that has brought it to so many samples."""
        if self._fresh:
            self._counts.append(self._fresh)
            self._samples.append(samples)
            self._fresh = 0

    def read(self, adapter: Adapter) -> List[float]:
        """The mean losses of the updates that were not read before: one transfer for all."""
        count = sum(self._counts)
        if count == 0:
            return []
        values = adapter.read(self._pending[:count])
        del self._pending[:count]
        at = 0
        means = []
        for samples, parts in zip(self._samples, self._counts):
            mean = sum(values[at : at + parts]) / (1 if self.are_shares else parts)
            at += parts
            means.append(mean)
            self.history.append((samples, mean))
        self._counts = []
        self._samples = []
        self.of_call += means
        del self.history[:-MOST_KEPT]
        return means

    def since(self, samples: int) -> List[float]:
        """The losses of the updates beyond so many samples, latest first; the latest in any case."""
        recent: List[float] = []
        for seen, loss in reversed(self.history):
            if recent and seen <= samples:
                break
            recent.append(loss)
        return recent


def mean_and_error(values: List[float]) -> Tuple[Optional[float], Optional[float]]:
    """The mean and its standard error; None where there are too few values for it."""
    if not values:
        return None, None
    mean = sum(values) / len(values)
    if len(values) < 2 or not math.isfinite(mean):
        return mean, None
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return mean, math.sqrt(variance / len(values))
