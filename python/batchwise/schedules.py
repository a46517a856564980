"""Learning-rate schedules that count updates: kept in samples, whatever the batch size is."""

from __future__ import annotations

import functools
import inspect
import math
from typing import Any, Callable, Dict, List, Optional, Tuple

#: Their rate follows from the count of steps alone, so that a count may be left out.
_WITHOUT_MEMORY = ("LambdaLR", "OneCycleLR", "CyclicLR")
#: A function of steps is looked at up to this step, and told to this share of its largest value.
_FURTHEST = 2**24
_PRECISION = 1e-4
_MOST_POINTS = 3000


class Schedule:
    """One schedule that the script made."""

    def __init__(self, own: Any, arguments: Dict[str, Any], updates: int) -> None:
        self.name = type(own).__name__
        #: Those that are numbers or functions of steps.
        self.arguments = arguments
        #: Updates of the training before it was made.
        self.born = updates
        #: Its steps within an epoch, and the updates since it was made as it did the last of them.
        self.steps = 0
        self.updates = 0
        #: What the discovery told of it; None in a discovery, and at the script's own size.
        self.told: Optional[Dict[str, Any]] = None

    @property
    def per_update(self) -> float:
        """Steps for each update; 0 where it counts epochs, or nothing is known of it."""
        if self.steps == 0:
            return 0.0
        rate = self.steps / max(1, self.updates)
        return float(round(rate)) if rate > 0.75 else rate


class Schedules:
    """
    All schedules of PyTorch's kind. At another size than the script's own, each is made with the
    numbers that it has at the own size, and is after each update where it would be there after as
    many samples. Schedules that count epochs, or are given an epoch or a metric, are left alone.
    """

    def __init__(self, session: Any, is_between_epochs: Callable[[], bool]) -> None:
        self.session = session
        self._is_between_epochs = is_between_epochs
        self.all: List[Schedule] = []
        #: With the script's own, whose id another could take. In no attribute of it: they are saved.
        self._by_id: Dict[int, Tuple[Any, Schedule]] = {}
        told = told_of(session)
        self._told: List[Dict[str, Any]] = [] if told is None else told["made"]
        self._samples_per_update = 1.0 if told is None else float(told["samplesPerUpdate"])
        self._depth = 0
        #: Updates before which the script itself had set another rate than before the last one.
        self.rates_set = 0
        self._rates: Optional[Tuple[int, List[float]]] = None

    def install(self, module: Any) -> None:
        base = getattr(module, "LRScheduler", None) or module._LRScheduler
        self._wrap(base)
        known = [base]
        for kind in known:
            for each in kind.__subclasses__():
                self._wrap(each)
                known.append(each)
        schedules = self

        def __init_subclass__(cls: Any, **kwargs: Any) -> None:
            super(base, cls).__init_subclass__(**kwargs)
            schedules._wrap(cls)

        base.__init_subclass__ = classmethod(__init_subclass__)

    def sees(self, optimizer: Any) -> None:
        """In a discovery: an update is about to be made with these rates."""
        steps = sum(each.steps for each in self.all)
        rates = [float(group["lr"]) for group in optimizer.param_groups]
        if self._rates is not None and self._rates[0] == steps and self._rates[1] != rates:
            self.rates_set += 1
        self._rates = (steps, rates)

    def facts(self) -> List[Dict[str, Any]]:
        return [
            {"name": each.name, "perUpdate": each.per_update, "arguments": each.arguments}
            for each in self.all
        ]

    @property
    def sets_rates(self) -> bool:
        """The script gives each update its rate itself; one for each epoch changes less often."""
        return self.rates_set > 1 and 2 * self.rates_set >= self.session.updates - 1

    def _wrap(self, kind: Any) -> None:
        if "__init__" in vars(kind):
            kind.__init__ = self._initialized(kind.__init__)
        if "step" in vars(kind):
            kind.step = self._stepping(kind.step)

    def _initialized(self, initialize: Any) -> Any:
        schedules = self

        @functools.wraps(initialize)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            # Those within another follow it.
            is_outermost = schedules._depth == 0
            schedules._depth += 1
            try:
                if is_outermost:
                    args, kwargs = schedules._made(self, initialize, args, kwargs)
                initialize(self, *args, **kwargs)
            finally:
                schedules._depth -= 1

        return __init__

    def _stepping(self, step: Any) -> Any:
        schedules = self

        @functools.wraps(step)
        def stepping(self: Any, *args: Any, **kwargs: Any) -> Any:
            if schedules._depth > 0 or args or kwargs:
                return step(self, *args, **kwargs)
            schedules._depth += 1
            try:
                return schedules._step(self, step)
            finally:
                schedules._depth -= 1

        return stepping

    def _made(
        self, own: Any, initialize: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]
    ) -> Tuple[Tuple[Any, ...], Dict[str, Any]]:
        try:
            bound = inspect.signature(initialize).bind(own, *args, **kwargs)
        except (TypeError, ValueError):
            return args, kwargs
        is_discovery = self.session.is_discovery
        told = self._told_of(own)
        arguments: Dict[str, Any] = {}
        for name, value in bound.arguments.items():
            if is_discovery:
                shown = _shown(value)
                if shown is not None:
                    arguments[name] = shown
            elif told is not None and name in told["arguments"]:
                bound.arguments[name] = _as_told(value, told["arguments"][name])
        schedule = Schedule(own, arguments, self.session.updates)
        schedule.told = told
        self.all.append(schedule)
        self._by_id[id(own)] = (own, schedule)
        return bound.args[1:], bound.kwargs

    def _told_of(self, own: Any) -> Optional[Dict[str, Any]]:
        at = len(self.all)
        if at >= len(self._told):
            return None
        told = self._told[at]
        return told if told["name"] == type(own).__name__ else None

    def _step(self, own: Any, step: Any) -> Any:
        _, schedule = self._by_id.get(id(own), (None, None))
        if schedule is None:
            return step(own)
        if schedule.told is None or not schedule.told["perUpdate"]:
            if not self._is_between_epochs():
                schedule.steps += 1
                schedule.updates = self.session.updates - schedule.born
            return step(own)
        per_sample = schedule.told["perUpdate"] / self._samples_per_update
        due = math.floor(self.session.samples * per_sample + 1e-6) - schedule.steps
        last = getattr(own, "total_steps", None)
        if type(own).__name__ == "OneCycleLR" and isinstance(last, int):
            # A step beyond its end is an error.
            due = min(due, last - 1 - own.last_epoch)
        if due <= 0:
            return None
        schedule.steps += due
        if type(own).__name__ in _WITHOUT_MEMORY:
            own.last_epoch += due - 1
            return step(own)
        for _ in range(due):
            step(own)
        return None


def told_of(session: Any) -> Optional[Dict[str, Any]]:
    """What the discovery told of all schedules; None at the script's own size, where all stay."""
    told = session.options.get("schedules")
    return None if told is None or told["batchSize"] == session.batch_size else dict(told)


def all_of(
    made: List[Dict[str, Any]], size: Optional[int], samples: Optional[int], drops_last: bool
) -> Optional[Dict[str, Any]]:
    """What a discovery tells of the schedules that were made, for a script of this own size."""
    if size is None or not made:
        return None
    each = samples_per_update(size, samples, drops_last)
    return {"batchSize": size, "samplesPerUpdate": each, "made": made}


def samples_per_update(size: int, samples: Optional[int], drops_last: bool) -> float:
    """On average over an epoch: its last batch, which may be smaller, is an update, too."""
    return samples / math.ceil(samples / size) if samples and not drops_last else size


def highest(rate: Callable[[int], float]) -> float:
    """The highest rate of a schedule: where it warms up, the one it warms up to."""
    steps = [0, 1]
    while steps[-1] < _FURTHEST:
        steps.append(math.ceil(steps[-1] * 1.3))
    rates = [rate(step) for step in steps]
    best = max(range(len(steps)), key=lambda index: rates[index])
    low, high = steps[max(0, best - 1)], steps[min(len(steps) - 1, best + 1)]
    while high - low > 2:
        first = low + (high - low) // 3
        second = high - (high - low) // 3
        if rate(first) < rate(second):
            low = first
        else:
            high = second
    return max(rates[best], *(rate(step) for step in range(low, high + 1)))


class Points:
    """A function of steps by some of its values: linear between them."""

    def __init__(self, points: List[List[float]]) -> None:
        self._points = points

    def __call__(self, step: Any) -> float:
        points = self._points
        low, high = 0, len(points) - 1
        if step >= points[high][0]:
            return points[high][1]
        while high - low > 1:
            middle = (low + high) // 2
            if points[middle][0] <= step:
                low = middle
            else:
                high = middle
        (a, at_a), (b, at_b) = points[low], points[high]
        return at_a + (at_b - at_a) * (step - a) / (b - a)


def points_of(function: Callable[[int], Any]) -> Optional[List[List[float]]]:
    """The values of a function of steps, closer where it bends; None where it is none."""
    values: Dict[int, float] = {}

    def value(step: int) -> float:
        if step not in values:
            values[step] = float(function(step))
            if not math.isfinite(values[step]):
                raise ValueError
        return values[step]

    grid = list(range(64))
    while grid[-1] < _FURTHEST:
        grid.append(math.ceil(grid[-1] * 1.1))
    for index, step in enumerate(grid):
        try:
            value(step)
        except Exception:
            # It is none, or has an end.
            grid = grid[:index]
            break
    if len(grid) < 2:
        return None
    scale = max(abs(each) for each in values.values()) or 1.0
    spans = list(zip(grid, grid[1:]))
    while spans and len(values) < _MOST_POINTS:
        low, high = spans.pop()
        middle = (low + high) // 2
        if middle == low:
            continue
        share = (middle - low) / (high - low)
        expected = values[low] + share * (values[high] - values[low])
        try:
            bends = abs(value(middle) - expected) > _PRECISION * scale
        except Exception:
            return None
        if bends:
            spans += [(low, middle), (middle, high)]
    return [[step, values[step]] for step in sorted(values)]


def _shown(value: Any) -> Any:
    """What a discovery tells of an argument; None for what is neither number nor function."""
    if isinstance(value, (list, tuple)) and value:
        shown = [_shown(each) for each in value]
        return None if any(each is None for each in shown) else shown
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if math.isfinite(value) else None
    if callable(value) and not isinstance(value, type):
        points = points_of(value)
        return None if points is None else {"points": points}
    return None


def _as_told(value: Any, told: Any) -> Any:
    """The argument as it is at the script's own size; the very same where that is the same."""
    if isinstance(told, dict):
        points = told["points"]
        try:
            if all(float(value(int(step))) == at for step, at in points):
                return value
        except Exception:
            pass
        return Points(points)
    if isinstance(told, list):
        if not isinstance(value, (list, tuple)) or len(value) != len(told):
            return told
        return [_as_told(*pair) for pair in zip(value, told)]
    if isinstance(value, (int, float)) and value == told:
        return value
    return told
