"""A script as a coroutine of the tuner: after each update it waits until it may go on."""

from __future__ import annotations

import math
import os
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import imports, memory
from .channel import Channel

#: Seconds of a block of updates that is timed with one device sync; a longer update is a block.
BLOCK_SECONDS = 0.04
#: Warm-up ends when a block is no longer this much faster than the fastest before it.
SETTLED = 0.95
WARM_UP_BLOCKS = 8
WARM_UP_SECONDS = 1.5
#: Losses that are kept on the device before they are read.
MOST_PENDING = 4096
#: Updates below which an epoch says nothing about divergence.
FEWEST_UPDATES = 20


class ScriptFault(Exception):
    """Something that a person can mend: told to the tuner in place of an answer."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values_told = values


class Adapter:
    """What differs between frameworks. All of it may be asked between two updates only."""

    framework = "python"
    #: In a discovery the learning rate is zero, so that each loss is one of the start.
    holds_still = False

    def sync(self) -> None:
        """Waits until the device has done all that was asked of it."""

    def read(self, losses: List[Any]) -> List[float]:
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


class WarmUp:
    """Tells when step times have stopped to fall, as the TensorFlow.js trainer does."""

    def __init__(self) -> None:
        self.over = False
        #: The latest block, for a training that ends before it is warm.
        self.latest: Optional[Dict[str, float]] = None
        self._fastest = math.inf
        self._blocks = 0
        self._seconds = 0.0

    def observe(self, updates: int, seconds: float) -> None:
        self.latest = {"iterations": updates, "ms": seconds * 1000}
        step = seconds / updates
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


class Session:
    """One run of a script: counts, times and pauses its updates."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        channel.on_interrupt = self._interrupt
        # In the order of arrival: an interrupt counts for the call before it, taken up or not.
        channel.on_call = self._forget_interrupt
        self.adapter: Adapter = Adapter()
        self.options: Dict[str, Any] = {}
        self.updates = 0
        self.samples = 0
        self.dataset_size: Optional[int] = None
        self.facts: Dict[str, Any] = {}
        #: What the framework validates with, where it tells: see validation.py.
        self.validation: Any = None
        self._call: Optional[int] = None
        self._advance_end = (0, 0.0)
        self._call_began = 0.0
        self._first_iteration = 0
        self._interrupted = False
        #: The updates meanwhile are for gradient noise, and are not timed.
        self._for_noise = False
        self._ended = False
        self._started = False
        self._pending: List[Any] = []
        self._pending_counts: List[int] = []
        self._pending_samples: List[int] = []
        self._fresh = 0
        self._history: List[Tuple[int, float]] = []
        self._call_losses: List[float] = []
        self._warm = WarmUp()
        self._blocks: List[Dict[str, float]] = []
        self._block_start: Optional[float] = None
        self._block_updates = 0
        self._last_update = 0.0
        self._watch = DivergenceWatch(None, None)
        self._diverged: Optional[str] = None
        self._limit: Optional[float] = None
        self._discovered_at = 0.0
        self._rate_was_taken = False
        self._was_timed = False

    # What the runner calls

    def wait_for_begin(self) -> Dict[str, Any]:
        message = self.channel.calls.get()
        if message["name"] != "begin":
            self.channel.refuse(message["id"], "The first call must be begin.")
            return self.wait_for_begin()
        self._call = message["id"]
        self.options = message["input"]
        self._limit = self.options.get("limitBytes")
        self._watch = DivergenceWatch(
            self.options.get("startLoss"), self.options.get("startLossError")
        )
        return self.options

    @property
    def is_discovery(self) -> bool:
        return bool(self.options.get("discover"))

    @property
    def batch_size(self) -> Optional[int]:
        return self.options.get("batchSize")

    @property
    def rate_factor(self) -> float:
        return float(self.options.get("rateFactor", 1.0))

    @property
    def seed_offset(self) -> int:
        return int(self.options.get("seedOffset", 0))

    def script_ended(self) -> None:
        """The script ran to its end, or left by sys.exit."""
        self._ended = True
        self.close_block()
        if not self._was_timed and self._warm.latest is not None:
            self._blocks = [self._warm.latest]
        if self._call is not None:
            if self.is_discovery:
                if self.updates > 0:
                    self._answer_discovery()
                else:
                    self._answer_fault("pythonNoUpdate", {})
            elif not self._started:
                self._answer_fault("pythonNoUpdate", {})
            elif self._for_noise:
                self._answer_noise()
            else:
                self._answer_advance("ok", None)
        self._serve()

    def script_failed(self, fault: Dict[str, Any], out_of_memory: bool) -> None:
        """The script raised: the running call says so, and so does each that follows."""
        self._ended = True
        told = fault["sentence"]
        if fault.get("file"):
            told = "%s:%s: %s" % (fault["file"], fault["line"], told)
        if self._call is not None:
            if not self._started:
                reason = "trainerOutOfMemoryAtStart" if out_of_memory else "pythonRaised"
                self._answer_fault(reason, {"cause": told})
            elif out_of_memory:
                self._answer_advance("out-of-memory", told)
            else:
                self.channel.refuse(self._take_call(), told)
        while True:
            self.channel.refuse(self.channel.calls.get()["id"], told)

    def fault(self, reason: str, values: Dict[str, Any]) -> None:
        """A fault that a person can mend: it is told, and nothing more is run."""
        self._ended = True
        if self._call is not None and not self._started:
            self._answer_fault(reason, values)
        elif self._call is not None:
            self.channel.refuse(self._take_call(), reason)
        while True:
            self.channel.refuse(self.channel.calls.get()["id"], reason)

    # What adapters call

    def before_first_update(self) -> None:
        """The model is built and its first batch is computed: a trial begins here."""
        if self._started:
            return
        self._started = True
        self._discovered_at = time.perf_counter()
        memory.reset_peak()
        if self.is_discovery:
            return
        if self._limit is not None:
            self.adapter.limit(self._limit)
        self._answer({"ok": True, "value": {"begun": True}})
        self._serve()
        self.open_block()

    def loss(self, value: Any) -> None:
        """A loss of the coming update, still on the device."""
        self._pending.append(value)
        self._fresh += 1

    def drop_loss(self) -> None:
        """Forgets losses of an update that was skipped."""
        if self._fresh:
            del self._pending[-self._fresh :]
            self._fresh = 0

    def after_update(self, size: int, is_full: bool) -> None:
        """One update of so many samples was made; may wait for the tuner."""
        now = time.perf_counter()
        self.updates += 1
        self.samples += size
        if self._fresh:
            self._pending_counts.append(self._fresh)
            self._pending_samples.append(self.samples)
            self._fresh = 0
        if self._block_start is None:
            pass
        elif is_full:
            self._block_updates += 1
        else:
            self.drop_block()
        self._last_update = now
        if self.is_discovery:
            self._after_discovery_update(now)
            return
        iterations, seconds = self._advance_end
        is_over = (
            self._interrupted
            or self.updates - self._first_iteration >= iterations
            or now - self._call_began >= seconds
        )
        if self._block_start is None:
            if not is_over and not self._for_noise:
                self.open_block()
        elif is_over or now - self._block_start >= BLOCK_SECONDS:
            self.close_block()
            if not is_over:
                self.open_block()
        if len(self._pending) > MOST_PENDING:
            self._read_losses()
        if is_over:
            self.pause()

    def pause(self) -> None:
        self._read_losses()
        if self._for_noise:
            self._answer_noise()
        elif self._diverged is not None:
            self._answer_advance("diverged", self._diverged)
        elif self._is_over_limit():
            self._answer_advance("out-of-memory", "more than the memory limit was held")
        else:
            self._answer_advance("ok", None)
        self._serve()
        self.open_block()

    def open_block(self) -> None:
        """Timing starts here: the device has nothing left to do."""
        if self._for_noise:
            return
        self.adapter.sync()
        self._block_start = time.perf_counter()
        self._block_updates = 0

    def close_block(self) -> None:
        """Timing ends here; what comes next is no training."""
        if self._block_start is None:
            return
        if self._block_updates > 0:
            self.adapter.sync()
            self._take_block(self._block_updates, time.perf_counter() - self._block_start)
        self.drop_block()

    def _take_block(self, updates: int, seconds: float) -> None:
        if self._warm.over:
            self._was_timed = True
            self._blocks.append({"iterations": updates, "ms": seconds * 1000})
        else:
            self._warm.observe(updates, seconds)

    def drop_block(self) -> None:
        """What has just been timed is no training."""
        self._block_start = None
        self._block_updates = 0

    # What a script calls by batchwise.report and its like

    def report(self, loss: Any, samples: Optional[int]) -> None:
        size = samples if samples is not None else (self.batch_size or self.facts.get("batchSize"))
        if size is None:
            self.fault("pythonReportNoSamples", {})
            return
        if not self._started:
            self.facts.setdefault("batchSize", size)
            self.facts.setdefault("framework", "report")
            self.facts["largestReport"] = 0
        self.before_first_update()
        if loss is not None:
            self.loss(loss)
        self.after_update(int(size), self.batch_size is None or size >= self.batch_size)

    def take_batch_size(self, default: int) -> int:
        self.facts["batchSize"] = int(default)
        return default if self.batch_size is None else self.batch_size

    def take_learning_rate(self, default: float) -> float:
        self.facts["learningRate"] = float(default)
        self._rate_was_taken = True
        return default * (0.0 if self.is_discovery else self.rate_factor)

    def take_dataset_size(self, samples: int) -> None:
        self.dataset_size = int(samples)

    # Within

    def _interrupt(self) -> None:
        self._interrupted = True

    def _forget_interrupt(self) -> None:
        self._interrupted = False

    def _after_discovery_update(self, now: float) -> None:
        plan = self.options["discover"]
        lasted = now - self._discovered_at
        enough = self.updates >= plan["updates"] and lasted >= plan["seconds"]
        if enough or self.updates >= plan["mostUpdates"] or self._interrupted:
            self._answer_discovery()
            self._serve()

    def _answer_discovery(self) -> None:
        self._read_losses()
        losses = [loss for _, loss in self._history if math.isfinite(loss)]
        if not self.adapter.holds_still and not self._rate_was_taken:
            # It learned meanwhile: only the first loss is that of the start.
            losses = losses[:1]
        mean, error = _mean_and_error(losses)
        samples = self.dataset_size
        self._answer(
            {
                "ok": True,
                "value": {
                    **self.facts,
                    **self.adapter.facts(),
                    **imports.imported(os.path.realpath(self.options["root"])),
                    "samples": samples,
                    "updates": self.updates,
                    "samplesSeen": self.samples,
                    "startLoss": mean,
                    "startLossError": error,
                    "peakBytes": self.adapter.peak_bytes(),
                },
            }
        )

    def _serve(self) -> None:
        """Answers the tuner until it says that the script shall go on."""
        self.adapter.pause()
        while True:
            message = self.channel.calls.get()
            self._call = message["id"]
            if message["name"] == "evaluate":
                self._evaluate()
            elif message["name"] == "advance":
                given = message["input"]
                self._advance_end = (given["iterations"], given["maxSeconds"])
                self._first_iteration = self.updates
                self._call_began = time.perf_counter()
                self._call_losses = []
                self._blocks = []
                if not self._ended:
                    self.adapter.resume()
                    return
                self._answer_advance("ok", None)
            elif message["name"] == "measureNoise":
                self._for_noise = True
                self.adapter.begin_noise()
                self._advance_end = (2 * message["input"]["pairs"], math.inf)
                self._first_iteration = self.updates
                self._call_losses = []
                if not self._ended:
                    self.adapter.resume()
                    return
                self._answer_noise()
            else:
                self.channel.refuse(self._take_call(), "There is no call " + message["name"])

    def _evaluate(self) -> None:
        began = time.perf_counter()
        self._read_losses()
        measured = self.adapter.evaluate()
        if measured is None:
            loss, error = self._training_loss()
            accuracy = None
        else:
            loss, accuracy, error = measured
        finite = loss is not None and math.isfinite(loss)
        self._answer(
            {
                "status": "ok" if finite or loss is None else "diverged",
                "detail": None if finite or loss is None else "The loss became %s." % loss,
                "loss": loss if finite else None,
                "accuracy": accuracy,
                "lossStandardError": error,
                "seconds": time.perf_counter() - began,
                "peakBytes": self.adapter.peak_bytes(),
            }
        )

    def _training_loss(self) -> Tuple[Optional[float], Optional[float]]:
        """The mean loss of as many samples for every batch size, the latest ones."""
        if not self._history:
            return self.options.get("startLoss"), self.options.get("startLossError")
        window = self.options.get("windowSamples", 0)
        recent: List[float] = []
        for samples, loss in reversed(self._history):
            if recent and samples <= self.samples - window:
                break
            recent.append(loss)
        return _mean_and_error(recent)

    def _read_losses(self) -> None:
        """Reads what the device holds: one transfer for all."""
        count = sum(self._pending_counts)
        if count == 0:
            return
        values = self.adapter.read(self._pending[:count])
        del self._pending[:count]
        at = 0
        means = []
        for samples, parts in zip(self._pending_samples, self._pending_counts):
            mean = sum(values[at : at + parts]) / parts
            at += parts
            means.append(mean)
            self._history.append((samples, mean))
        self._pending_counts = []
        self._pending_samples = []
        self._call_losses += means
        del self._history[:-MOST_PENDING]
        if self._diverged is None:
            self._diverged = self._watch.observe(self._epoch, means)

    @property
    def _epoch(self) -> float:
        size = self.options.get("samples") or self.dataset_size
        return self.samples / size if size else 0.0

    def _is_over_limit(self) -> bool:
        peak = self.adapter.peak_bytes()
        return self._limit is not None and peak is not None and peak > self._limit

    def _answer_advance(self, status: str, detail: Optional[str]) -> None:
        if status == "ok":
            self._read_losses()
        losses = [loss for loss in self._call_losses if math.isfinite(loss)]
        peak = self.adapter.peak_bytes()
        held = self.adapter.memory()
        known = sum(held.values())
        self._answer(
            {
                "status": status,
                "detail": detail,
                "iterations": self.updates,
                "samples": self.samples,
                "epoch": self._epoch,
                "trainLoss": sum(losses) / len(losses) if losses else None,
                "blocks": self._blocks,
                "wallMs": (time.perf_counter() - self._call_began) * 1000,
                "peakBytes": peak,
                "processPeakBytes": memory.peak_bytes(),
                "memory": {**held, "activations": max(0, (peak or 0) - known), "data": 0},
                "ended": self._ended and status == "ok",
            }
        )

    def _answer_noise(self) -> None:
        self._for_noise = False
        self._answer({"steps": self.adapter.noise()})

    def _answer_fault(self, reason: str, values: Dict[str, Any]) -> None:
        self._answer(
            {"ok": False, "problem": {"reason": reason, "values": values, "place": None}}
        )

    def _answer(self, output: Any) -> None:
        self.channel.answer(self._take_call(), output)

    def _take_call(self) -> int:
        call, self._call = self._call, None
        assert call is not None
        return call


def _mean_and_error(values: List[float]) -> Tuple[Optional[float], Optional[float]]:
    if not values:
        return None, None
    mean = sum(values) / len(values)
    if len(values) < 2 or not math.isfinite(mean):
        return mean, None
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return mean, math.sqrt(variance / len(values))
