"""What the session asks of a framework."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from . import memory


class Adapter:
    """What differs between frameworks. All of it may be asked between two updates only."""

    framework = "python"
    #: In a discovery the learning rate is zero, so that each loss is one of the start.
    holds_still = False
    #: What computes: "threads" of this process, a "device" that they drive, or "elsewhere".
    computes_on = "threads"

    def sync(self) -> None:
        """Waits until the device has done all that was asked of it."""

    def read(self, losses: List[Any]) -> List[float]:
        """Losses that may lie on the device, as numbers."""
        return [float(loss) for loss in losses]

    def peak_bytes(self) -> Optional[int]:
        return memory.peak_bytes()

    def memory(self) -> Dict[str, int]:
        return {"parameters": 0, "optimizer": 0, "gradients": 0}

    def limit(self, limit_bytes: float) -> None:
        """Makes the device refuse more than so many bytes, where it can."""

    def pause(self) -> None:
        """The tuner has not asked for more yet."""

    def resume(self) -> None:
        """It has."""

    def facts(self) -> Dict[str, Any]:
        return {}

    def evaluate(self) -> Optional[Tuple[float, Optional[float], Optional[float]]]:
        """Loss, accuracy and the standard error of the loss on validation data; None without."""
        return None

    def begin_noise(self) -> None:
        """From the next update on, pairs of consecutive gradients are compared."""

    def noise(self) -> List[Dict[str, Any]]:
        """The pairs since then, no more of which are compared from now on."""
        return []
