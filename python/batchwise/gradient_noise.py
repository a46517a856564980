"""Squared norms of consecutive gradients, from which the tuner estimates the gradient noise scale.

With one replica there are no two gradients at the same weights. Two consecutive ones stand for them,
as in AdaptDL (Qiao et al., "Pollux", OSDI 2021): between two updates the weights hardly move.
"""

from __future__ import annotations

import math
from typing import Any, Dict, List, Optional


class GradientPairs:
    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._first: Optional[List[Any]] = None
        #: Of each pair: mean of the squared norms, and squared norm of the mean.
        self.found: List[Dict[str, Any]] = []

    def take(self, optimizer: Any, session: Any) -> None:
        """Takes up the gradient that the optimizer is about to use."""
        size = session.batch_size or session.facts.get("batchSize")
        gradients = self._gradients(optimizer)
        if gradients is None or size is None:
            return
        first, self._first = self._first, None
        if first is None:
            self._first = [each.clone() for each in gradients]
            return
        if len(first) != len(gradients):
            return
        with self._torch.no_grad():
            squares = sum(_square(a) + _square(b) for a, b in zip(first, gradients))
            of_mean = sum(_square((a + b) / 2) for a, b in zip(first, gradients))
        mean, squared = float(squares) / 2, float(of_mean)
        if math.isfinite(mean) and math.isfinite(squared):
            self.found.append(
                {
                    "samples": session.samples,
                    "microbatchSize": size,
                    "microbatches": 2,
                    "meanSquaredNorm": mean,
                    "squaredNormOfMean": squared,
                }
            )

    def leave_out(self) -> None:
        """The latest gradient was that of a smaller batch."""
        if self._first is not None:
            self._first = None
        elif self.found:
            self.found.pop()

    def _gradients(self, optimizer: Any) -> Optional[List[Any]]:
        found = []
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                gradient = parameter.grad
                if gradient is None:
                    continue
                if gradient.is_sparse:
                    return None
                found.append(gradient.detach())
        return found or None


def _square(gradient: Any) -> Any:
    # In half precision such a sum overflows.
    flat = gradient.flatten().float()
    return flat.dot(flat)
