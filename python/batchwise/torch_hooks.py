"""PyTorch, and all that trains on it: where batches, losses and updates pass."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from . import faults, memory
from .seeds import shift
from .session import Adapter, Session

#: An optimizer's name here, by its class.
OPTIMIZERS = {
    "SGD": "sgd",
    "Adam": "adam",
    "AdamW": "adamw",
    "NAdam": "adam",
    "RAdam": "adam",
    "Adamax": "adamax",
    "Adagrad": "adagrad",
    "RMSprop": "rmsprop",
}


def actions(session: Session) -> Dict[str, Callable[[Any], None]]:
    def patch(torch: Any) -> None:
        TorchHooks(session, torch).install()

    return {"torch": patch}


class _Loader:
    """A data loader that the script made, and the batches it gave out."""

    def __init__(self, key: Dict[str, Any], batch_size: Optional[int]) -> None:
        self.key = key
        #: As the script has it.
        self.batch_size = batch_size
        self.updates = 0
        self.fetched = 0
        self.samples: Optional[int] = None
        self.features: List[int] = []
        self.drop_last = False
        self.workers = 0
        self.kind = "loader"


class TorchHooks(Adapter):
    framework = "torch"
    holds_still = True

    def __init__(self, session: Session, torch: Any) -> None:
        self.session = session
        self.torch = torch
        self.loaders: List[_Loader] = []
        self.places: Dict[str, int] = {}
        #: With the sampler itself, whose id another could take once it is gone.
        self.by_sampler: Dict[int, Tuple[Any, _Loader]] = {}
        self.optimizers: List[Any] = []
        self.steps: Dict[int, int] = {}
        self.training: Optional[_Loader] = None
        self.device: Any = None
        self.fetched: Deque[Tuple[_Loader, int]] = deque()
        self.fetched_batches = 0
        self.per_update = int(session.options.get("accumulation") or 1)
        self.main_optimizer: Any = None
        self.kept_rates: List[Any] = []
        self.look_ahead = 0
        self.optimizer_steps = 0

    def install(self) -> None:
        torch = self.torch
        # `import torch` ends before these do where a script imports only a part of it.
        import torch.optim.optimizer as optimizer_module
        import torch.utils.data as data_module

        self._patch_loader(data_module)
        self._patch_optimizer(optimizer_module)
        self._patch_backward(torch)
        torch.manual_seed(int(self.session.options["seed"]))
        offset = self.session.seed_offset
        if offset:
            shift(torch.random, "manual_seed", offset)
            torch.manual_seed = torch.random.manual_seed

    # Data

    def _patch_loader(self, data_module: Any) -> None:
        hooks = self
        kind = data_module.DataLoader
        initialize = kind.__init__
        begin = kind.__iter__
        base = data_module.dataloader._BaseDataLoaderIter
        advance = base.__next__

        def __init__(self: Any, dataset: Any, *args: Any, **kwargs: Any) -> None:
            names = ("batch_size", "shuffle", "sampler", "batch_sampler", "num_workers")
            given = dict(zip(names, args))
            given.update(kwargs)
            batch_sampler = given.get("batch_sampler")
            known = hooks._known(batch_sampler)
            if known is not None:
                # A framework wraps the script's loader: its batches are the script's.
                initialize(self, dataset, *args, **kwargs)
                object.__setattr__(self, "_batchwise", known)
                return
            loader = hooks._loader_made(given)
            size = hooks._size_for(loader)
            if size is not None:
                if batch_sampler is not None:
                    hooks._set_sampler_size(batch_sampler, size)
                elif loader.batch_size is None:
                    hooks._cannot_set(loader)
                elif args:
                    args = (size, *args[1:])
                else:
                    kwargs["batch_size"] = size
            initialize(self, dataset, *args, **kwargs)
            object.__setattr__(self, "_batchwise", loader)
            loader.workers = self.num_workers
            loader.drop_last = bool(getattr(self, "drop_last", False))
            sampler = getattr(self, "batch_sampler", None)
            if sampler is not None:
                hooks.by_sampler[id(sampler)] = (sampler, loader)
                loader.drop_last = bool(getattr(sampler, "drop_last", loader.drop_last))

        def __iter__(self: Any) -> Any:
            loader = getattr(self, "_batchwise", None)
            if loader is not None:
                hooks._epoch_begins(loader, self)
            return begin(self)

        def __next__(self: Any) -> Any:
            loader = getattr(self, "_batchwise_loader", None)
            if loader is None:
                return advance(self)
            try:
                batch = advance(self)
            except StopIteration:
                if loader is hooks.training:
                    hooks.session.close_block()
                    hooks.is_exhausted = True
                raise
            hooks._batch_fetched(loader, batch)
            return batch

        made = base.__init__

        def iterator_made(self: Any, loader: Any) -> None:
            made(self, loader)
            self._batchwise_loader = getattr(loader, "_batchwise", None)

        kind.__init__ = __init__
        kind.__iter__ = __iter__
        base.__init__ = iterator_made
        base.__next__ = __next__
        # Both kinds of iterator inherit it, and only name it anew where they must.
        for name in ("_SingleProcessDataLoaderIter", "_MultiProcessingDataLoaderIter"):
            iterator = getattr(data_module.dataloader, name)
            if "__next__" in vars(iterator):
                iterator.__next__ = __next__

    def _known(self, batch_sampler: Any) -> Optional[_Loader]:
        """The loader whose batch sampler this is, or is wrapped around."""
        for _ in range(5):
            if batch_sampler is None:
                return None
            known = self.by_sampler.get(id(batch_sampler))
            if known is not None:
                return known[1]
            batch_sampler = getattr(batch_sampler, "batch_sampler", None)
        return None

    def _loader_made(self, given: Dict[str, Any]) -> _Loader:
        batch_sampler = given.get("batch_sampler")
        size = given.get("batch_size", 1) if batch_sampler is None else None
        if batch_sampler is not None:
            size = getattr(batch_sampler, "batch_size", None)
        place = self._place()
        name = "%s:%s" % (place.get("file"), place.get("line"))
        ordinal = self.places.get(name, 0)
        self.places[name] = ordinal + 1
        loader = _Loader({**place, "ordinal": ordinal}, size)
        if batch_sampler is not None:
            loader.kind = "batchSampler"
        self.loaders.append(loader)
        return loader

    def _place(self) -> Dict[str, Any]:
        """Where in the person's own code this call comes from."""
        root = os.path.realpath(self.session.options["root"])
        frame = sys._getframe(2)
        while frame is not None:
            file = os.path.abspath(frame.f_code.co_filename)
            if faults.is_own_file(file, root) and "batchwise" + os.sep not in file:
                return {"file": file, "line": frame.f_lineno}
            frame = frame.f_back  # type: ignore[assignment]
        return {"file": None, "line": None}

    def _size_for(self, loader: _Loader) -> Optional[int]:
        wanted = self.session.options.get("loader")
        size = self.session.batch_size
        if wanted is None or size is None or wanted != loader.key:
            return None
        parts = self.per_update
        if size % parts:
            self.session.fault("pythonNotDivisible", {"batchSize": size, "parts": parts})
        return size // parts

    def _set_sampler_size(self, batch_sampler: Any, size: int) -> None:
        if not isinstance(getattr(batch_sampler, "batch_size", None), int):
            self.session.fault("pythonFixedSampler", {"name": type(batch_sampler).__name__})
        batch_sampler.batch_size = size

    def _cannot_set(self, loader: _Loader) -> None:
        self.session.fault("pythonOwnBatches", {})

    def _epoch_begins(self, loader: _Loader, own: Any) -> None:
        if loader.samples is None:
            loader.samples = _length(own)
        if loader is not self.training:
            self.session.close_block()
            return
        self.is_exhausted = False
        self.session.close_block()
        if self.session._started and (loader.workers == 0 or self._is_short(loader)):
            self.session.open_block()

    def _is_short(self, loader: _Loader) -> bool:
        size = self.session.batch_size or loader.batch_size or 1
        return loader.samples is not None and loader.samples < 3 * size

    def _batch_fetched(self, loader: _Loader, batch: Any) -> None:
        size, shape = _shape_of(batch, self.torch)
        if not loader.features and shape is not None:
            loader.features = shape
        if size is None:
            size = (self.session.batch_size or 0) // self.per_update or loader.batch_size or 1
        self.fetched.append((loader, size))
        if len(self.fetched) > 4096:
            self.fetched.popleft()
        if loader is self.training and self.session.batch_size is not None:
            if size * self.per_update < self.session.batch_size and not self._looks_ahead:
                self.session.close_block()

    # Updates

    def _patch_optimizer(self, module: Any) -> None:
        hooks = self
        kind = module.Optimizer
        initialize = kind.__init__

        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            initialize(self, *args, **kwargs)
            hooks.optimizers.append(self)

        kind.__init__ = __init__
        if not hasattr(module, "register_optimizer_step_post_hook"):
            self.session.fault("pythonTorchTooOld", {"version": self.torch.__version__})
        module.register_optimizer_step_pre_hook(self._before_step)
        module.register_optimizer_step_post_hook(self._after_step)

    def _is_main(self, optimizer: Any) -> bool:
        """Of several optimizers that take turns, the one that owns the most parameters counts."""
        if self.main_optimizer is not None:
            return optimizer is self.main_optimizer
        if not self._with_session():
            return False
        chosen = self.session.options.get("optimizer")
        if chosen is not None and chosen < len(self.optimizers):
            self.main_optimizer = self.optimizers[chosen]
            return optimizer is self.main_optimizer
        self.steps[id(optimizer)] = self.steps.get(id(optimizer), 0) + 1
        stepping = [each for each in self.optimizers if id(each) in self.steps]
        return all(_owned(optimizer) >= _owned(each) for each in stepping)

    def _with_session(self) -> bool:
        """False where another framework's hooks follow this training."""
        return self.session.adapter is self or self.session.adapter.framework == "python"

    def _before_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if not self._with_session():
            return
        if self._is_main(optimizer):
            self.session.adapter = self
            if self.device is None:
                self.device = _device_of(optimizer)
                self.learning_rate = float(optimizer.param_groups[0]["lr"])
            self._find_training()
            self.session.before_first_update()
        factor = 0.0 if self.session.is_discovery else self.session.rate_factor
        if factor != 1.0:
            self.kept_rates = [group["lr"] for group in optimizer.param_groups]
            for group in optimizer.param_groups:
                group["lr"] = group["lr"] * factor

    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if not self._with_session():
            return
        if self.kept_rates:
            for group, rate in zip(optimizer.param_groups, self.kept_rates):
                group["lr"] = rate
            self.kept_rates = []
        if not self._is_main(optimizer):
            return
        self.optimizer_steps += 1
        self._take_batches()

    def _take_batches(self) -> None:
        """The batches that this update has seen, by the order in which they were fetched."""
        training = self.training
        keep = 1 if self._looks_ahead and not self.is_exhausted else 0
        size = 0
        batches = 0
        while len(self.fetched) > keep:
            loader, count = self.fetched.popleft()
            if training is None or loader is training:
                size += count
                batches += 1
        if training is not None:
            training.updates += 1
            training.fetched += batches
        if size == 0:
            size = self.last_size
        self.last_size = size
        full = self.session.batch_size
        self.session.after_update(size, full is None or size >= full)

    last_size = 0
    is_exhausted = False
    learning_rate = 0.0

    @property
    def _looks_ahead(self) -> bool:
        return self.look_ahead > 0

    def _find_training(self) -> None:
        """The loader whose batch was fetched last before the first update."""
        if self.training is not None or not self.fetched:
            return
        wanted = self.session.options.get("loader")
        for loader, _ in reversed(self.fetched):
            if wanted is None or loader.key == wanted:
                self.training = loader
                break
        training = self.training
        if training is None:
            return
        if "accelerate.data_loader" in sys.modules and training.batch_size:
            batches = sum(1 for loader, _ in self.fetched if loader is training)
            shards = sys.modules["accelerate.data_loader"]
            is_sharded = any(
                isinstance(each, shards.DataLoaderShard)
                and getattr(each, "_batchwise", None) is training
                for each in gc.get_objects()
                if type(each).__name__ == "DataLoaderShard"
            )
            self.look_ahead = 1 if is_sharded and batches > 1 else 0
        if self.session.dataset_size is None:
            self.session.dataset_size = training.samples

    # Losses

    def _patch_backward(self, torch: Any) -> None:
        hooks = self
        backward = torch.Tensor.backward

        def patched(self: Any, *args: Any, **kwargs: Any) -> Any:
            if self.numel() == 1 and hooks._with_session():
                own = getattr(self, "_batchwise_unscaled", None)
                hooks.session.loss(self.detach() if own is None else own)
            return backward(self, *args, **kwargs)

        torch.Tensor.backward = patched
        try:
            from torch.amp.grad_scaler import GradScaler
        except ImportError:
            from torch.cuda.amp.grad_scaler import GradScaler  # type: ignore[no-redef]
        scale = GradScaler.scale
        step = GradScaler._maybe_opt_step

        def scaled(self: Any, outputs: Any) -> Any:
            result = scale(self, outputs)
            if isinstance(outputs, torch.Tensor) and result is not outputs:
                result._batchwise_unscaled = outputs.detach()
            return result

        def maybe_step(self: Any, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
            before = hooks.optimizer_steps
            result = step(self, optimizer, *args, **kwargs)
            if hooks.optimizer_steps == before:
                # Gradients overflowed: no update was made of these batches.
                hooks.session.drop_loss()
                hooks.fetched.clear()
            return result

        GradScaler.scale = scaled
        GradScaler._maybe_opt_step = maybe_step

    # What the session asks

    def sync(self) -> None:
        kind = getattr(self.device, "type", "cpu")
        if kind == "cpu":
            return
        module = getattr(self.torch, kind, None)
        if module is not None and hasattr(module, "synchronize"):
            module.synchronize()

    def read(self, losses: List[Any]) -> List[float]:
        if not losses:
            return []
        torch = self.torch
        with torch.no_grad():
            flat = [loss.reshape(()).to(torch.float32) for loss in losses]
            if len({each.device for each in flat}) == 1:
                return [float(value) for value in torch.stack(flat).tolist()]
            return [float(value) for value in flat]

    def peak_bytes(self) -> Optional[int]:
        kind = getattr(self.device, "type", "cpu")
        if kind == "cuda":
            return int(self.torch.cuda.max_memory_allocated(self.device))
        if kind == "mps":
            return int(self.torch.mps.driver_allocated_memory())
        return memory.peak_bytes()

    def limit(self, limit_bytes: float) -> None:
        if getattr(self.device, "type", "cpu") != "cuda":
            return
        total = self.torch.cuda.get_device_properties(self.device).total_memory
        share = min(1.0, limit_bytes / total)
        self.torch.cuda.set_per_process_memory_fraction(share, self.device)

    def memory(self) -> Dict[str, int]:
        optimizer = self.main_optimizer or (self.optimizers[-1] if self.optimizers else None)
        if optimizer is None:
            return super().memory()
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        held = sum(p.numel() * p.element_size() for p in parameters)
        state = 0
        for values in optimizer.state.values():
            if isinstance(values, dict):
                for value in values.values():
                    if isinstance(value, self.torch.Tensor):
                        state += value.numel() * value.element_size()
        return {"parameters": held, "optimizer": state, "gradients": held}

    def facts(self) -> Dict[str, Any]:
        torch = self.torch
        training = self.training
        stepping = [each for each in self.optimizers if id(each) in self.steps]
        main = max(stepping, key=_owned) if stepping else None
        layers, has_batch_norm, parameters = self._model()
        fetched = 0 if training is None else training.fetched
        updates = max(1, 0 if training is None else training.updates)
        parts = max(1, round(fetched / updates))
        size = None if training is None else training.batch_size
        facts: Dict[str, Any] = {
            "framework": _framework(),
            "versions": _versions(torch),
            "device": self._device_name(),
            "deviceType": getattr(self.device, "type", "cpu"),
            "accumulation": parts,
            "batchSize": None if size is None else size * parts,
            "learningRate": self.learning_rate,
            "optimizer": OPTIMIZERS.get(type(main).__name__, type(main).__name__.lower()),
            "momentum": bool(main is not None and main.param_groups[0].get("momentum")),
            "optimizerIndex": None if main is None else self.optimizers.index(main),
            "optimizers": len(stepping),
            "parameterCount": parameters or (0 if main is None else _owned(main)),
            "layers": layers,
            "hasBatchNormalization": has_batch_norm,
            "availableBytes": self._available(),
        }
        if training is not None:
            facts.update(
                loader=training.key,
                loaderKind=training.kind,
                features=training.features,
                dropsLast=training.drop_last,
                loaderSamples=training.samples,
            )
        return facts

    def _available(self) -> Optional[int]:
        if getattr(self.device, "type", "cpu") == "cuda":
            free = self.torch.cuda.mem_get_info(self.device)[0]
            return int(free + self.torch.cuda.memory_reserved(self.device))
        return memory.available_bytes()

    def _device_name(self) -> str:
        kind = getattr(self.device, "type", "cpu")
        if kind == "cuda":
            return str(self.torch.cuda.get_device_name(self.device))
        if kind == "mps":
            return "Apple GPU (MPS)"
        return _processor()

    def _model(self) -> Tuple[List[str], bool, int]:
        """Layer class names, batch normalization and size of the largest model there is."""
        module_kind = self.torch.nn.Module
        roots = [each for each in gc.get_objects() if _is_instance(each, module_kind)]
        best: Any = None
        most = 0
        for each in roots:
            try:
                count = sum(p.numel() for p in each.parameters())
                inner = sum(1 for _ in each.modules())
            except Exception:
                continue
            if count > most or (count == most and best is not None and inner > best[1]):
                best, most = (each, inner), count
        if best is None:
            return [], False, 0
        names = [type(each).__name__ for each in best[0].modules() if not list(each.children())]
        return names[:2000], any("BatchNorm" in name for name in names), most


def _is_instance(value: Any, kind: type) -> bool:
    try:
        return isinstance(value, kind)
    except Exception:
        return False


def _owned(optimizer: Any) -> int:
    return sum(p.numel() for group in optimizer.param_groups for p in group["params"])


def _device_of(optimizer: Any) -> Any:
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            return parameter.device
    return None


def _length(loader: Any) -> Optional[int]:
    sampler = getattr(loader, "sampler", None)
    batch_sampler = getattr(loader, "batch_sampler", None)
    for candidate in (getattr(batch_sampler, "sampler", None), sampler, loader.dataset):
        try:
            if candidate is not None and type(candidate).__name__ != "_InfiniteConstantSampler":
                return len(candidate)
        except (TypeError, NotImplementedError):
            continue
    return None


def _shape_of(batch: Any, torch: Any, depth: int = 0) -> Tuple[Optional[int], Optional[List[int]]]:
    """Samples of a batch and the shape of one, by its first tensor that has a first axis."""
    if isinstance(batch, torch.Tensor):
        return (batch.shape[0], list(batch.shape[1:])) if batch.dim() > 0 else (None, None)
    graphs = getattr(batch, "num_graphs", None)
    if isinstance(graphs, int):
        return graphs, []
    if depth > 3:
        return None, None
    values: Any = ()
    if isinstance(batch, dict) or hasattr(batch, "items"):
        values = [value for _, value in batch.items()]
    elif isinstance(batch, (list, tuple)):
        values = batch
    for value in values:
        found = _shape_of(value, torch, depth + 1)
        if found[0] is not None:
            return found
    if depth == 0 and isinstance(batch, list) and batch and not isinstance(batch[0], list):
        return len(batch), []
    return None, None


def _framework() -> str:
    for module, name in (
        ("trl.trainer.sft_trainer", "TRL"),
        ("transformers.trainer", "Hugging Face Trainer"),
        ("lightning.pytorch.trainer.trainer", "Lightning"),
        ("pytorch_lightning.trainer.trainer", "Lightning"),
        ("accelerate.accelerator", "Accelerate"),
    ):
        if module in sys.modules:
            return name
    return "PyTorch"


def _versions(torch: Any) -> Dict[str, str]:
    found = {"python": "%d.%d.%d" % sys.version_info[:3], "torch": str(torch.__version__)}
    for name in ("lightning", "pytorch_lightning", "transformers", "accelerate", "trl"):
        module = sys.modules.get(name)
        version = getattr(module, "__version__", None)
        if version is not None:
            found[name] = str(version)
    return found


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    import platform

    return platform.processor() or platform.machine() or "CPU"
