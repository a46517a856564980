"""The learning rate of a Keras training: multiplied, and its schedule kept in samples."""

from __future__ import annotations

import json
import sys
from typing import Any, Callable, Dict, Optional

from . import torch_facts
from .schedules import all_of, highest, samples_per_update, told_of
from .session import Session


class Rates:
    """The rate of the optimizer, which schedules and callbacks of the script may change."""

    def __init__(self, session: Session, keras: Any) -> None:
        self.session = session
        self.keras = keras
        self.factor = 0.0 if session.is_discovery else session.rate_factor
        #: Callbacks of the script's own may set the rate of each update.
        self.are_watched = False
        self._optimizer: Any = None
        self._is_scheduled = False
        #: As the script has it, and as it was multiplied; None while the script's own is in place.
        self._own = 0.0
        self._multiplied: Optional[float] = None
        self._times_set = 0
        self._found: Dict[str, Any] = {}

    def facts(self) -> Dict[str, Any]:
        """What a discovery tells of the optimizer."""
        # A rate that is set for each epoch changes less often.
        sets = self._times_set > 1 and 2 * self._times_set >= self.session.updates - 1
        return {**self._found, "setsRates": sets}

    def take(self, optimizer: Any, size: int, samples: Optional[int], drops_last: bool) -> None:
        """Before a training with batches of this size begins."""
        self._optimizer = optimizer
        name = type(optimizer).__name__
        self._found["optimizer"] = torch_facts.OPTIMIZERS.get(name, name.lower())
        self._found["momentum"] = bool(getattr(optimizer, "momentum", 0.0))
        schedule = getattr(optimizer, "_learning_rate", None)
        kind = self.keras.optimizers.schedules.LearningRateSchedule
        self._is_scheduled = isinstance(schedule, kind)
        if not self._is_scheduled:
            self._found["learningRate"] = _as_given(float(optimizer.learning_rate))
            return
        self._found["learningRate"] = _as_given(highest(lambda step: float(schedule(step))))
        config = _config_of(schedule)
        # One that does not tell what it is made of cannot be made again.
        made = {
            "name": type(schedule).__name__,
            "perUpdate": 0 if config is None and self._may_be_derived() else 1,
            "arguments": config or {},
        }
        self._found["schedules"] = all_of([made], size, samples, drops_last)
        told = told_of(self.session)
        ratio = 1.0
        if told is not None and told["made"] and told["made"][0]["perUpdate"]:
            ratio = samples_per_update(size, samples, drops_last) / told["samplesPerUpdate"]
            own = told["made"][0]["arguments"]
            if own and own != config:
                schedule = type(schedule).from_config(own)
        if self.factor != 1.0 or ratio != 1.0:
            optimizer._learning_rate = _scaled(kind, schedule, self.factor, self._position(ratio))

    def begin(self) -> None:
        """Before an epoch: a rate that the script's callbacks have set is the script's own."""
        if self._is_scheduled:
            return
        optimizer = self._optimizer
        rate = float(optimizer.learning_rate)
        if rate == self._multiplied:
            return
        self._own = rate
        if self.factor != 1.0:
            optimizer.learning_rate = rate * self.factor
        self._multiplied = float(optimizer.learning_rate)

    def before_update(self) -> None:
        if self.are_watched and not self._is_scheduled:
            before = self._own
            self.begin()
            self._times_set += before != self._own

    def end(self) -> None:
        """After an epoch: the script's callbacks find the script's own rate."""
        if self._is_scheduled or self._multiplied is None or self.factor == 1.0:
            return
        optimizer = self._optimizer
        rate = float(optimizer.learning_rate)
        if rate != self._multiplied and self.factor:
            self._own = rate / self.factor
        optimizer.learning_rate = self._own
        self._multiplied = None

    def _may_be_derived(self) -> bool:
        """From the length of a data loader, which differs from size to size."""
        return "torch.utils.data" in sys.modules

    def _position(self, ratio: float) -> Callable[[Any], Any]:
        """The step at the script's own size after as many samples, for a step at this one."""
        if ratio == 1.0:
            return lambda step: step
        ops: Any = getattr(self.keras, "ops", None) or sys.modules["tensorflow"]
        return lambda step: ops.floor(ops.cast(step, "float32") * ratio + 1e-3)


def _as_given(rate: float) -> float:
    """The number that a person wrote: Keras keeps it in single precision."""
    return float("%.7g" % rate)


def _scaled(kind: Any, schedule: Any, factor: float, position: Callable[[Any], Any]) -> Any:
    class Scaled(kind):  # type: ignore[misc]
        def __call__(self, step: Any) -> Any:
            return schedule(position(step)) * factor

        def get_config(self) -> Dict[str, Any]:
            return dict(schedule.get_config())

    return Scaled()


def _config_of(schedule: Any) -> Optional[Dict[str, Any]]:
    """What the schedule can be made of again; None where it does not tell."""
    try:
        return dict(json.loads(json.dumps(schedule.get_config())))
    except (NotImplementedError, TypeError, ValueError):
        return None
