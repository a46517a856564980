"""What a training script may say to Batchwise. Outside a tune, all of it does nothing."""

from __future__ import annotations

from typing import Any, Optional

_session: Optional[Any] = None


def report(*, loss: Any = None, samples: Optional[int] = None) -> None:
    """Tells that one update was made.

    Only for training that Batchwise cannot follow by itself, such as a JAX loop.

    :param loss: the training loss of this update; it is read later, not now
    :param samples: how many samples the update saw; default: the batch size
    """
    if _session is not None:
        _session.report(loss, samples)


def batch_size(default: int) -> int:
    """The batch size to train with: the one that is tuned, or `default` outside a tune."""
    return default if _session is None else _session.take_batch_size(default)


def learning_rate(default: float) -> float:
    """The learning rate to train with: the one that is tuned, or `default` outside a tune."""
    return default if _session is None else _session.take_learning_rate(default)


def dataset_size(samples: int) -> int:
    """Tells how many samples an epoch has, and returns that."""
    if _session is not None:
        _session.take_dataset_size(samples)
    return samples
