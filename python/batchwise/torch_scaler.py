"""Mixed precision: losses are scaled before they go back, and updates that overflow are skipped."""

from __future__ import annotations

from typing import Any, Callable


def patch_scaler(
    torch: Any,
    keeps_history: Callable[[], bool],
    updates: Callable[[], int],
    skipped: Callable[[], None],
) -> None:
    """
    Has scaled losses remember what they were, with their history where it is asked for, and tells
    when a step made no update.
    """
    try:
        from torch.amp.grad_scaler import GradScaler
    except ImportError:
        from torch.cuda.amp.grad_scaler import GradScaler  # type: ignore[no-redef]
    scale = GradScaler.scale
    step = GradScaler._maybe_opt_step

    def scaled(self: Any, outputs: Any) -> Any:
        result = scale(self, outputs)
        if isinstance(outputs, torch.Tensor) and result is not outputs:
            result._batchwise_unscaled = outputs if keeps_history() else outputs.detach()
        return result

    def maybe_step(self: Any, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        before = updates()
        result = step(self, optimizer, *args, **kwargs)
        if updates() == before:
            skipped()
        return result

    GradScaler.scale = scaled
    GradScaler._maybe_opt_step = maybe_step


def unscaled(loss: Any) -> Any:
    """A loss as it was before it was scaled."""
    own = getattr(loss, "_batchwise_unscaled", None)
    return loss if own is None else own
