"""A script as a coroutine of the tuner: after each update it waits until it may go on."""

from __future__ import annotations

import math
import os
import time
from typing import Any, Dict, Optional, Tuple

from . import imports, memory
from .adapter import Adapter
from .channel import Channel
from .losses import DivergenceWatch, Losses, mean_and_error
from .plans import Plan
from .timing import Blocks


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
        #: The script has made all its updates.
        self.ended = False
        self.started = False
        self._losses = Losses()
        self._blocks = Blocks()
        self._watch = DivergenceWatch(None, None)
        self._diverged: Optional[str] = None
        self._limit: Optional[float] = None
        self._discovered_at = 0.0
        self._plan = Plan()
        self._rate_was_taken = False

    # What the runner calls

    def wait_for_begin(self) -> Dict[str, Any]:
        message = self.channel.calls.get()
        if message["name"] != "begin":
            self.channel.refuse(message["id"], "The first call must be begin.")
            return self.wait_for_begin()
        self._call = message["id"]
        self.options = message["input"]
        self._limit = self.options.get("limitBytes")
        self._losses.are_shares = bool(self.options.get("sumsLosses"))
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
        self.ended = True
        self.close_block()
        self._blocks.end()
        if self._call is not None:
            if self.is_discovery:
                if self.updates > 0:
                    self._answer_discovery()
                else:
                    self._answer_fault("pythonNoUpdate", {})
            elif not self.started:
                self._answer_fault("pythonNoUpdate", {})
            elif self._for_noise:
                self._answer_noise()
            else:
                self._answer_advance("ok", None)
        self._serve()

    def script_failed(self, fault: Dict[str, Any], out_of_memory: bool) -> None:
        """The script raised: the running call says so, and so does each that follows."""
        self.ended = True
        told = fault["sentence"]
        if fault.get("file"):
            told = "%s:%s: %s" % (fault["file"], fault["line"], told)
        if self._call is not None:
            if not self.started:
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
        self.ended = True
        if self._call is not None and not self.started:
            self._answer_fault(reason, values)
        elif self._call is not None:
            self.channel.refuse(self._take_call(), reason)
        while True:
            self.channel.refuse(self.channel.calls.get()["id"], reason)

    # What adapters call

    def before_first_update(self) -> None:
        """The model is built and its first batch is computed: a trial begins here."""
        if self.started:
            return
        self.started = True
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
        self._losses.add(value)

    def drop_loss(self) -> None:
        """Forgets losses of an update that was skipped."""
        self._losses.drop()

    def after_update(self, size: int, is_full: bool) -> None:
        """One update of so many samples was made; may wait for the tuner."""
        now = time.perf_counter()
        self.updates += 1
        self.samples += size
        self._losses.after_update(self.samples)
        self._blocks.count(is_full)
        if self.is_discovery:
            self._after_discovery_update(now)
            return
        iterations, seconds = self._advance_end
        is_over = (
            self._interrupted
            or self.updates - self._first_iteration >= iterations
            or now - self._call_began >= seconds
        )
        if not self._blocks.is_open:
            if not is_over:
                self.open_block()
        elif is_over or self._blocks.is_long_enough(now):
            self.close_block()
            if not is_over:
                self.open_block()
        if self._losses.is_full:
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
        if not self._for_noise:
            self._blocks.open(self.adapter)

    def close_block(self) -> None:
        """Timing ends here; what comes next is no training."""
        self._blocks.close(self.adapter)

    def drop_block(self) -> None:
        """What has just been timed is no training."""
        self._blocks.drop()

    # What a script calls by batchwise.report and its like

    def report(self, loss: Any, samples: Optional[int]) -> None:
        size = samples if samples is not None else (self.batch_size or self.facts.get("batchSize"))
        if size is None:
            self.fault("pythonReportNoSamples", {})
            return
        if not self.started:
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
        wanted = self.options["discover"]
        lasted = now - self._discovered_at
        self._plan.look(self.updates, self.options["root"])
        enough = self.updates >= wanted["updates"] and lasted >= wanted["seconds"]
        if enough or self.updates >= wanted["mostUpdates"] or self._interrupted:
            self._answer_discovery()
            self._serve()

    def _answer_discovery(self) -> None:
        facts = {**self.facts, **self.adapter.facts()}
        self._losses.are_shares = bool(facts.get("sumsLosses"))
        self._read_losses()
        losses = [loss for _, loss in self._losses.history if math.isfinite(loss)]
        if not self.adapter.holds_still and not self._rate_was_taken:
            # It learned meanwhile: only the first loss is that of the start.
            losses = losses[:1]
        mean, error = mean_and_error(losses)
        samples = self.dataset_size
        self._answer(
            {
                "ok": True,
                "value": {
                    **facts,
                    **imports.imported(os.path.realpath(self.options["root"])),
                    "samples": samples,
                    "epochs": facts.get("epochs") or self._plan.epochs(self),
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
                self._losses.of_call = []
                self._blocks.found = []
                if not self.ended:
                    self.adapter.resume()
                    return
                self._answer_advance("ok", None)
            elif message["name"] == "measureNoise":
                self._for_noise = True
                self.adapter.begin_noise()
                self._advance_end = (2 * message["input"]["pairs"], math.inf)
                self._first_iteration = self.updates
                self._losses.of_call = []
                if not self.ended:
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
        window = self.options.get("windowSamples", 0)
        recent = self._losses.since(self.samples - window)
        if not recent:
            return self.options.get("startLoss"), self.options.get("startLossError")
        return mean_and_error(recent)

    def _read_losses(self) -> None:
        means = self._losses.read(self.adapter)
        if means and self._diverged is None:
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
        losses = [loss for loss in self._losses.of_call if math.isfinite(loss)]
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
                "blocks": self._blocks.found,
                "wallMs": (time.perf_counter() - self._call_began) * 1000,
                "peakBytes": peak,
                "processPeakBytes": memory.peak_bytes(),
                "memory": {**held, "activations": max(0, (peak or 0) - known), "data": 0},
                "ended": self.ended and status == "ok",
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
