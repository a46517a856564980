"""Keras 3 on any backend, and tf.keras: size, rate and updates by `fit` and one callback."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import memory, torch_facts
from .adapter import Adapter
from .keras_rates import Rates
from .seeds import shift
from .session import Session

DEFAULT_BATCH_SIZE = 32


def actions(session: Session) -> Dict[str, Callable[[Any], None]]:
    def patch(keras: Any) -> None:
        KerasHooks(session, keras).install()

    return {"keras": patch, "tf_keras": patch}


class KerasHooks(Adapter):
    framework = "keras"
    holds_still = True

    def __init__(self, session: Session, keras: Any) -> None:
        self.session = session
        self.keras = keras
        self.model: Any = None
        self.found: Dict[str, Any] = {}
        self.validation: Optional[Dict[str, Any]] = None
        self.mean = 0.0
        #: Samples of this epoch, and those of them before its metrics were begun anew.
        self.seen = 0
        self.restarted = 0
        self.count: Optional[int] = None
        self.evaluating = False
        #: The number of the last batch that was heard of in this epoch.
        self.last_step = -1
        self.full = DEFAULT_BATCH_SIZE
        self.drops_last = False
        self.rates = Rates(session, keras)

    def install(self) -> None:
        keras = self.keras
        if hasattr(keras, "utils") and hasattr(keras.utils, "set_random_seed"):
            offset = self.session.seed_offset
            if offset:
                shift(keras.utils, "set_random_seed", offset)
        # One kind of trainer for each backend: `fit` is the model's own attribute.
        hooks = self
        fit = keras.Model.fit

        def patched(model: Any, *args: Any, **kwargs: Any) -> Any:
            if hooks.session.options.get("fitted"):
                return fit(model, *args, **kwargs)
            hooks.session.options["fitted"] = True
            try:
                return fit(model, **hooks.prepared(model, args, kwargs))
            finally:
                hooks.session.options["fitted"] = False

        keras.Model.fit = patched

    def prepared(self, model: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Dict[str, Any]:
        """`fit`'s arguments with the size, the rate and the callback of this trial."""
        names = ("x", "y", "batch_size", "epochs", "verbose", "callbacks")
        given = dict(zip(names, args))
        given.update(kwargs)
        self.model = model
        self.session.adapter = self
        self._take_data(given)
        self.rates.take(model.optimizer, self.full, self.count, self.drops_last)
        given["verbose"] = given.get("verbose", 0) if given.get("verbose") == 2 else 0
        callbacks = given.get("callbacks")
        own = self._callback()
        if callbacks is None:
            given["callbacks"] = [own]
        elif isinstance(callbacks, self.keras.callbacks.CallbackList):
            callbacks.append(own)
        else:
            kept = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
            quiet = ("ModelCheckpoint", "TensorBoard", "BackupAndRestore", "CSVLogger")
            self.rates.are_watched = any(self._hears_batches(each) for each in kept)
            given["callbacks"] = [c for c in kept if type(c).__name__ not in quiet] + [own]
        if given.get("validation_data") is not None:
            self.validation = {"x": given["validation_data"]}
        self.found["epochs"] = int(given.get("epochs") or 1)
        return given

    def _hears_batches(self, callback: Any) -> bool:
        """A callback of the script's own that is called for each batch."""
        kind, base = type(callback), self.keras.callbacks.Callback
        if kind.__module__.split(".")[0] in ("keras", "tf_keras"):
            return False
        names = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
        return any(getattr(kind, name) is not getattr(base, name) for name in names)

    def _take_data(self, given: Dict[str, Any]) -> None:
        data = given.get("x")
        size = self.session.batch_size
        count = _length(data)
        if hasattr(data, "unbatch") and hasattr(data, "batch"):
            own = _tf_batch_size(data)
            self.full = own or DEFAULT_BATCH_SIZE
            steps = given.get("steps_per_epoch")
            batches = _cardinality(data) if steps is None else int(steps)
            if batches is not None and own is not None:
                count = batches * own
            self.drops_last = _drops_remainder(data)
            if size is not None and own is not None:
                self.full = size
                rebatched = data.unbatch().batch(size, drop_remainder=self.drops_last)
                given["x"] = rebatched.prefetch(2)
                if steps is not None:
                    # As many samples in an epoch as the script has.
                    given["steps_per_epoch"] = max(1, round(int(steps) * own / size))
        elif hasattr(data, "__getitem__") and hasattr(data, "on_epoch_end"):
            own = getattr(data, "batch_size", None)
            if isinstance(own, int):
                self.full = own
                batches = len(data)
                count = batches * own
                if size is not None:
                    data.batch_size = self.full = size
            else:
                self.found["fixed"] = "pythonKerasDataset"
        elif type(data).__module__.startswith("torch.utils.data"):
            loader = getattr(data, "_batchwise", None)
            self.full = size or getattr(data, "batch_size", None) or DEFAULT_BATCH_SIZE
            count = None if loader is None else loader.samples or torch_facts.length_of(data)
            if loader is not None:
                self.found["loader"] = loader.key
        elif count is not None:
            self.full = size or int(given.get("batch_size") or DEFAULT_BATCH_SIZE)
            given["batch_size"] = self.full
            split = float(given.get("validation_split") or 0.0)
            if split:
                held = count - int(count * (1 - split))
                count -= held
                self.found["validationSamples"] = held
                self._split(given, count)
        else:
            self.found["fixed"] = "pythonKerasDataset"
        self.found["batchSize"] = self.full
        self.session.dataset_size = count
        self.count = count
        self.found["samples"] = count
        shape = getattr(_first(data), "shape", None)
        if shape is not None and len(shape) > 0:
            self.found["features"] = [int(n) for n in shape[1:] if isinstance(n, int)]

    def _split(self, given: Dict[str, Any], count: int) -> None:
        """The last part of the arrays is for validation, as `validation_split` has it."""
        x, y = given["x"], given.get("y")
        if hasattr(x, "__getitem__") and not isinstance(x, (dict, list, tuple)):
            self.validation = {"x": x[count:], "y": None if y is None else y[count:]}

    def _callback(self) -> Any:
        hooks = self
        session = self.session

        class Control(self.keras.callbacks.Callback):  # type: ignore[name-defined,misc]
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                hooks.mean, hooks.seen, hooks.restarted = 0.0, 0, 0
                hooks.last_step = -1
                hooks.rates.begin()
                if session.started:
                    session.open_block()

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                session.close_block()
                hooks.rates.end()

            def on_test_begin(self, logs: Any = None) -> None:
                if not hooks.evaluating:
                    session.close_block()

            def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
                hooks.rates.before_update()
                session.before_first_update()

            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                steps, hooks.last_step = batch - hooks.last_step, batch
                hooks._after_batches(max(1, steps), logs or {})

        return Control()

    def _after_batches(self, steps: int, logs: Dict[str, Any]) -> None:
        """Several at once where `steps_per_execution` has it so; only the last may be short."""
        size = steps * self.full
        if self.count is not None and self.seen + size > self.count:
            size = max(1, self.count - self.seen)
        mean = float(logs.get("loss", float("nan")))
        # Keras tells the mean over the epoch so far.
        weight = self.seen - self.restarted
        loss = (mean * (weight + size) - self.mean * weight) / size
        self.mean = mean
        self.seen += size
        for _ in range(steps):
            part = min(self.full, size)
            size -= part
            if part > 0:
                self.session.loss(loss)
                self.session.after_update(part, part >= self.full)

    def evaluate(self) -> Optional[Tuple[float, Optional[float], Optional[float]]]:
        if self.validation is None or self.model is None:
            return None
        data = self.validation["x"]
        arguments: Dict[str, Any] = {"verbose": 0, "return_dict": True}
        if isinstance(data, (tuple, list)) and len(data) in (2, 3):
            arguments.update(x=data[0], y=data[1])
            if len(data) == 3:
                arguments["sample_weight"] = data[2]
        else:
            arguments["x"] = data
            if self.validation.get("y") is not None:
                arguments["y"] = self.validation["y"]
        if hasattr(self.model, "jax_state_sync"):
            # While it trains on JAX, the weights are not the model's.
            self.model.jax_state_sync()
        self.evaluating = True
        try:
            values = self.model.evaluate(**arguments)
        finally:
            self.evaluating = False
            # Evaluating began the metrics of the epoch anew.
            self.mean, self.restarted = 0.0, self.seen
        accuracy = next((float(v) for k, v in values.items() if "acc" in k), None)
        return float(values["loss"]), accuracy, None

    @property
    def backend(self) -> str:
        backend = self.keras.backend
        return str(backend.backend()) if hasattr(backend, "backend") else "tensorflow"

    @cached_property
    def accelerator(self) -> Optional[str]:
        """Name of the device that the backend computes on; None where that is the processor."""
        module = sys.modules.get(self.backend)
        return None if module is None else _accelerator(self.backend, module)

    @property
    def computes_on(self) -> str:  # type: ignore[override]
        return "threads" if self.accelerator is None else "device"

    def sync(self) -> None:
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
            torch.cuda.synchronize()

    def memory(self) -> Dict[str, int]:
        parameters = _bytes_of(self.model.trainable_variables)
        state = _bytes_of(getattr(self.model.optimizer, "variables", []))
        return {"parameters": parameters, "optimizer": state, "gradients": parameters}

    def facts(self) -> Dict[str, Any]:
        keras = self.keras
        version = str(getattr(keras, "__version__", "") or keras.version())
        backend = self.backend
        layers = [type(layer).__name__ for layer in _layers(self.model)]
        versions = {"python": "%d.%d.%d" % sys.version_info[:3], "keras": version}
        module = sys.modules.get(backend)
        if module is not None:
            versions[backend] = str(getattr(module, "__version__", ""))
        return {
            "framework": "Keras (%s)" % backend,
            "versions": versions,
            "device": self.accelerator or torch_facts.processor(),
            # Its memory is not metered: see docs/python.md.
            "deviceType": "cpu",
            "accumulation": 1,
            "optimizers": 1,
            "parameterCount": int(self.model.count_params()),
            "layers": layers,
            "hasBatchNormalization": "BatchNormalization" in layers,
            "availableBytes": memory.available_bytes(),
            "evaluates": self.validation is not None,
            **self.rates.facts(),
            **self.found,
            "validationSamples": self.found.get("validationSamples") or self._validation_size(),
        }

    def _validation_size(self) -> int:
        if self.validation is None:
            return 0
        data = self.validation["x"]
        first = data[0] if isinstance(data, (tuple, list)) else data
        count = _length(first)
        if count is None and hasattr(first, "cardinality"):
            batches = _cardinality(first)
            count = None if batches is None else batches * (_tf_batch_size(first) or 1)
        return count or 1


def _accelerator(backend: str, module: Any) -> Optional[str]:
    if backend == "torch":
        return str(module.cuda.get_device_name()) if module.cuda.is_available() else None
    if backend == "jax":
        device = module.devices()[0]
        return None if device.platform == "cpu" else str(device.device_kind)
    if backend == "tensorflow":
        for device in module.config.list_physical_devices("GPU"):
            details = module.config.experimental.get_device_details(device)
            return str(details.get("device_name", device.name))
    return None


def _layers(model: Any) -> List[Any]:
    flat = getattr(model, "_flatten_layers", None)
    if flat is not None:
        return [layer for layer in flat(include_self=False) if not getattr(layer, "layers", None)]
    return list(getattr(model, "layers", []))


def _first(data: Any) -> Any:
    if isinstance(data, dict):
        return next(iter(data.values()), None)
    return data[0] if isinstance(data, (tuple, list)) and data else data


def _length(data: Any) -> Optional[int]:
    first = _first(data)
    shape = getattr(first, "shape", None)
    if shape is not None and len(shape) > 0:
        return int(shape[0])
    return None


def _cardinality(data: Any) -> Optional[int]:
    count = int(data.cardinality())
    return count if count > 0 else None


def _tf_batch_size(data: Any) -> Optional[int]:
    """Rows of the first batch: a data set does not always tell its batch size."""
    for batch in data.take(1):
        first = batch
        while isinstance(first, (tuple, list, dict)):
            first = next(iter(first.values())) if isinstance(first, dict) else first[0]
        return int(first.shape[0])
    return None


def _drops_remainder(data: Any) -> bool:
    """Only then the size of a batch is part of what a data set says of its elements."""
    spec = getattr(data, "element_spec", None)
    while isinstance(spec, (tuple, list, dict)) and len(spec) > 0:
        spec = next(iter(spec.values())) if isinstance(spec, dict) else spec[0]
    shape = getattr(spec, "shape", None)
    return shape is not None and shape.rank not in (None, 0) and shape[0] is not None


def _bytes_of(variables: Any) -> int:
    total = 0
    for variable in variables:
        count = 1
        for length in variable.shape:
            count *= int(length)
        total += 4 * count
    return total
