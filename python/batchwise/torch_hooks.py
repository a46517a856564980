"""PyTorch, and all that trains on it: where batches, losses and updates pass."""

from __future__ import annotations

import gc
import sys
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from . import faults, torch_device, torch_facts as facts, validation
from .adapter import Adapter
from .gradient_noise import GradientPairs
from .loop_validation import FirstStep, OfLoop, Recipe, is_for_validation
from .schedules import Schedules, all_of
from .seeds import shift
from .session import Session
from .torch_loaders import Loader, LoaderHooks, Loaders
from .torch_scaler import patch_scaler, unscaled


def actions(session: Session) -> Dict[str, Callable[[Any], None]]:
    def patch(torch: Any) -> None:
        TorchHooks(session, torch).install()

    def leave_out_compiling(module: Any) -> None:
        module.callback_handler.register_start_callback(lambda *_: session.drop_block())

    return {"torch": patch, "torch._dynamo.callback": leave_out_compiling}


class TorchHooks(Adapter, LoaderHooks):
    framework = "torch"
    holds_still = True

    def __init__(self, session: Session, torch: Any) -> None:
        self.session = session
        self.torch = torch
        self.optimizers: List[Any] = []
        self.steps: Dict[int, int] = {}
        self.training: Optional[Loader] = None
        self.device: Any = None
        self.fetched: Deque[Tuple[Loader, int]] = deque()
        self.replicas = int(session.options.get("replicas") or 1)
        self.per_update = self.replicas * int(session.options.get("accumulation") or 1)
        self.loaders = Loaders(session, self, self.per_update)
        self.schedules = Schedules(session, lambda: self.exhausted_at == session.updates)
        #: Samples of a whole update, and what learning rates are multiplied by.
        self.full = session.batch_size
        self.factor = 0.0 if session.is_discovery else session.rate_factor
        self.main_optimizer: Any = None
        self.kept_rates: List[Any] = []
        self.first_rates: Dict[int, float] = {}
        self.look_ahead = 0
        self.optimizer_steps = 0
        #: Pairs of consecutive gradients; None while nobody asks for them.
        self.pairs: Optional[GradientPairs] = None
        #: What the script itself divides its losses by before it goes back.
        self.divisor: Optional[float] = None
        self.first_step: Optional[FirstStep] = None
        self.recipe: Optional[Recipe] = None

    def install(self) -> None:
        torch = self.torch
        # `import torch` ends before these do where a script imports only a part of it.
        import torch.optim.lr_scheduler as schedule_module
        import torch.optim.optimizer as optimizer_module
        import torch.utils.data as data_module

        self.loaders.install(data_module)
        self.schedules.install(schedule_module)
        self._patch_optimizer(optimizer_module)
        self._patch_backward(torch)
        if self.session.is_discovery or self.session.options.get("evaluates"):
            self.first_step = FirstStep(torch)
        torch.manual_seed(int(self.session.options["seed"]))
        offset = self.session.seed_offset
        if offset:
            shift(torch.random, "manual_seed", offset)
            torch.manual_seed = torch.random.manual_seed

    # Data

    def epoch_begins(self, loader: Loader, own: Any) -> None:
        if loader.samples is None:
            loader.samples = facts.length_of(own)
        if loader is not self.training:
            self.session.close_block()
            return
        self.is_exhausted = False
        self.exhausted_at = -1
        self.session.close_block()
        if self.session.started and (loader.workers == 0 or self._is_short(loader)):
            self.session.open_block()

    def _is_short(self, loader: Loader) -> bool:
        size = self.session.batch_size or loader.batch_size or 1
        return loader.samples is not None and loader.samples < 3 * size

    def batch_fetched(self, loader: Loader, batch: Any, samples: Optional[int]) -> None:
        size, shape = facts.shape_of(batch, self.torch)
        size = size if samples is None else samples
        if shape is not None and not loader.features:
            loader.features = list(shape[1:])
        if size is None:
            size = (self.full or 0) // self.per_update or loader.batch_size or 1
        self.fetched.append((loader, size))
        if self.first_step is not None:
            self.first_step.saw_batch(batch)
        if len(self.fetched) > 4096:
            self.fetched.popleft()
        if loader is self.training and self.full is not None:
            if size * self.per_update < self.full and self.look_ahead == 0:
                self.session.close_block()

    def epoch_ended(self, loader: Loader) -> None:
        if loader is self.training:
            self.session.close_block()
            self.is_exhausted = True
            self.exhausted_at = self.session.updates

    # Updates

    def _patch_optimizer(self, module: Any) -> None:
        hooks = self
        kind = module.Optimizer
        initialize = kind.__init__

        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            initialize(self, *args, **kwargs)
            hooks.optimizers.append(self)
            # Before a schedule, or the script itself, begins far below it.
            hooks.first_rates[id(self)] = facts.rate_of(self.param_groups[0])

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
        return all(facts.owned(optimizer) >= facts.owned(each) for each in stepping)

    def _with_session(self) -> bool:
        """False where another framework's hooks follow this training."""
        return self.session.adapter is self or self.session.adapter.framework == "python"

    def _before_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if not self._with_session():
            return
        if self._is_main(optimizer):
            self.session.adapter = self
            if self.device is None:
                self.device = facts.device_of(optimizer)
                self.computes_on = torch_device.computes_on(self.device)
                self.learning_rate = facts.rate_of(optimizer.param_groups[0])
            self._find_training()
            if self.recipe is not None:
                self._validate_as_trained()
                self.recipe = None
            self.session.before_first_update()
            if self.session.is_discovery:
                self.schedules.sees(optimizer)
            if self.pairs is not None:
                self.pairs.take(optimizer, self.session)
        if self.factor != 1.0:
            self.kept_rates = [group["lr"] for group in optimizer.param_groups]
            for group in optimizer.param_groups:
                group["lr"] = group["lr"] * self.factor

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
        keep = 1 if self.look_ahead > 0 and not self.is_exhausted else 0
        size = 0
        batches = 0
        while len(self.fetched) > keep:
            loader, count = self.fetched.popleft()
            if training is None or loader is training:
                size += count * self.replicas
                batches += 1
        if training is not None:
            training.updates += 1
            training.fetched += batches
        if size == 0:
            size = self.last_size
        self.last_size = size
        is_full = self.full is None or size >= self.full
        if self.pairs is not None and not is_full:
            self.pairs.leave_out()
        self.session.after_update(size, is_full)

    last_size = 0
    is_exhausted = False
    #: Updates made as the loader gave out its last batch; -1 while it has more.
    exhausted_at = -1
    learning_rate = 0.0

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

    def _given_rate(self, optimizer: Any) -> float:
        """The rate that the script gives, also where it warms up to it by itself."""
        if not self.schedules.sets_rates:
            return self.learning_rate
        return max(self.learning_rate, self.first_rates.get(id(optimizer), 0.0))

    # Losses

    def _patch_backward(self, torch: Any) -> None:
        hooks = self
        backward = torch.Tensor.backward

        def patched(self: Any, *args: Any, **kwargs: Any) -> Any:
            if self.numel() == 1 and hooks._with_session():
                loss = unscaled(self)
                if hooks.first_step is not None:
                    hooks._end_first_step(loss)
                if hooks.divisor is None and hooks.session.is_discovery:
                    hooks.divisor = facts.divisor_of(loss)
                hooks.session.loss(loss.detach())
            return backward(self, *args, **kwargs)

        torch.Tensor.backward = patched
        # The first step is looked at with its history.
        patch_scaler(
            torch,
            keeps_history=lambda: hooks.first_step is not None,
            updates=lambda: hooks.optimizer_steps,
            skipped=hooks._skip_update,
        )

    def _skip_update(self) -> None:
        """Gradients overflowed: no update was made of these batches."""
        self.session.drop_loss()
        self.fetched.clear()

    def _end_first_step(self, loss: Any) -> None:
        assert self.first_step is not None
        self.recipe = self.first_step.recipe(loss)
        self.first_step.stop()
        self.first_step = None

    def _validate_as_trained(self) -> None:
        """Where the framework knows no validation, the script's own loader may."""
        recipe, training = self.recipe, self.training
        if self.session.validation is not None or recipe is None or training is None:
            return
        for loader in self.loaders.all:
            own = loader.own()
            if is_for_validation(own, training.own(), self.torch):
                self.session.validation = OfLoop(self.torch, recipe, own, loader.key)
                return

    # What the session asks

    def sync(self) -> None:
        torch_device.synchronize(self.torch, self.device)

    def read(self, losses: List[Any]) -> List[float]:
        return torch_device.values_of(self.torch, losses)

    def peak_bytes(self) -> Optional[int]:
        return torch_device.peak_bytes(self.torch, self.device)

    def limit(self, limit_bytes: float) -> None:
        torch_device.limit_bytes(self.torch, self.device, limit_bytes)

    def evaluate(self) -> Optional[validation.Measured]:
        own = self.session.validation
        if not self.session.options.get("evaluates"):
            return None
        if own is None:
            raise RuntimeError("the validation data of the first run was not found again")
        return validation.undisturbed(own, self.torch)

    def _try_validation(self) -> int:
        """Samples of the validation data; 0 where there is none, or it cannot be asked for."""
        own = self.session.validation
        if own is None:
            return 0
        try:
            measured = validation.undisturbed(own, self.torch)
        except Exception as error:
            # Then sizes are compared by the training loss.
            faults.log_traceback(error)
            return 0
        return 0 if measured is None else max(1, own.samples)

    def begin_noise(self) -> None:
        self.pairs = GradientPairs(self.torch)

    def noise(self) -> List[Dict[str, Any]]:
        pairs, self.pairs = self.pairs, None
        return [] if pairs is None else pairs.found

    def memory(self) -> Dict[str, int]:
        optimizer = self.main_optimizer or (self.optimizers[-1] if self.optimizers else None)
        if optimizer is None:
            return super().memory()
        return facts.held_bytes(self.torch, optimizer)

    def facts(self) -> Dict[str, Any]:
        torch = self.torch
        training = self.training
        stepping = [each for each in self.optimizers if id(each) in self.steps]
        main = max(stepping, key=facts.owned) if stepping else None
        layers, has_batch_norm, parameters = facts.largest_model(torch)
        fetched = 0 if training is None else training.fetched
        updates = max(1, 0 if training is None else training.updates)
        parts = max(1, round(fetched / updates))
        size = None if training is None else training.batch_size
        replicas = facts.replicas(torch)
        # The model of one process among several cannot be asked alone.
        validated = self._try_validation() if replicas == 1 else 0
        told: Dict[str, Any] = {
            "evaluates": validated > 0,
            "validationSamples": validated,
            "validationPlace": self.session.validation.place if validated else None,
            "framework": facts.framework(),
            "versions": facts.versions(torch),
            "device": facts.device_name(torch, self.device),
            "deviceType": torch_device.kind_of(self.device),
            "accumulation": parts,
            "sumsLosses": parts > 1 and facts.divides_losses(self.divisor, parts),
            "replicas": replicas,
            "batchSize": None if size is None else size * parts * replicas,
            "learningRate": self._given_rate(main),
            "optimizer": facts.OPTIMIZERS.get(type(main).__name__, type(main).__name__.lower()),
            "momentum": bool(main is not None and main.param_groups[0].get("momentum")),
            "optimizerIndex": None if main is None else self.optimizers.index(main),
            "optimizers": len(stepping),
            "parameterCount": parameters or (0 if main is None else facts.owned(main)),
            "layers": layers,
            "hasBatchNormalization": has_batch_norm,
            "availableBytes": facts.available_bytes(torch, self.device),
            "measuresNoise": True,
            "setsRates": self.schedules.sets_rates,
        }
        drops_last = training is not None and training.drop_last
        told["schedules"] = all_of(
            self.schedules.facts(), told["batchSize"], self.session.dataset_size, drops_last
        )
        if training is not None:
            told.update(
                loader=training.key,
                loaderKind=training.kind,
                features=training.features,
                dropsLast=training.drop_last,
                loaderSamples=training.samples,
            )
        return told
