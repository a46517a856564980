"""The loss on validation data, asked of the framework at any moment between two updates."""

from __future__ import annotations

import random
import sys
from typing import Any, Callable, Dict, List, Optional, Tuple

#: Loss, accuracy and the standard error of the loss.
Measured = Tuple[float, Optional[float], Optional[float]]


class Validation:
    """What the script itself would validate with."""

    #: Samples that it has; 0 where nothing tells.
    samples = 0
    #: Where the person's own code makes their loader; None where the framework knows.
    place: Optional[Dict[str, Any]] = None

    def evaluate(self) -> Optional[Measured]:
        raise NotImplementedError


class OfTrainer(Validation):
    """Hugging Face's `Trainer`, on its `eval_dataset`: without its log and its callbacks."""

    def __init__(self, trainer: Any) -> None:
        self._trainer = trainer
        self.samples = len(trainer.eval_dataset)

    def evaluate(self) -> Optional[Measured]:
        trainer = self._trainer
        handler = trainer.callback_handler
        kept, handler.callbacks = handler.callbacks, []
        try:
            output = trainer.evaluation_loop(
                trainer.get_eval_dataloader(),
                description="Evaluation",
                prediction_loss_only=True if trainer.compute_metrics is None else None,
                metric_key_prefix="eval",
            )
        finally:
            handler.callbacks = kept
        loss = output.metrics.get("eval_loss")
        return None if loss is None else (float(loss), _accuracy(output.metrics), None)


class OfLightning(Validation):
    """Lightning's own validation loop, without callbacks: none may stop the training for it."""

    def __init__(self, trainer: Any) -> None:
        self._trainer = trainer
        self._loop = trainer.fit_loop.epoch_loop.val_loop

    def evaluate(self) -> Optional[Measured]:
        trainer = self._trainer
        kept, trainer.callbacks = trainer.callbacks, []
        connector = trainer._logger_connector
        first = connector._first_loop_iter
        logger, trainer.loggers = trainer.loggers, []
        try:
            trainer.validating = True
            self._loop.run()
            metrics = dict(trainer.callback_metrics)
        finally:
            trainer.training = True
            trainer.callbacks = kept
            trainer.loggers = logger
            connector._first_loop_iter = first
        self.samples = sum(len(loader.dataset) for loader in _listed(self._loop._combined_loader))
        names = [name for name in metrics if "loss" in name and name.startswith("val")]
        if not names:
            return None
        return float(metrics[names[0]]), _accuracy(metrics), None


def actions(session: Any) -> Dict[str, Callable[[Any], None]]:
    """Gives the session what a framework validates with, once it begins to train."""

    def found(validation: Validation) -> None:
        session.validation = validation

    def trainer(module: Any) -> None:
        def of(own: Any) -> Optional[Validation]:
            if getattr(own.args, "packing", False):
                session.facts["packedLength"] = own.args.max_length
            has_length = hasattr(own.eval_dataset, "__len__")
            is_one = not isinstance(own.eval_dataset, dict)
            return OfTrainer(own) if has_length and is_one else None

        _before(module.Trainer, "train", of, found)

    def lightning(module: Any) -> None:
        def of(own: Any) -> Optional[Validation]:
            return OfLightning(own) if own.enable_validation else None

        # By then the model and its loaders are known.
        _before(module.Trainer, "_run_stage", of, found)

    return {
        "transformers.trainer": trainer,
        "lightning.pytorch.trainer.trainer": lightning,
        "pytorch_lightning.trainer.trainer": lightning,
    }


def undisturbed(validation: Validation, torch: Any) -> Optional[Measured]:
    """Validates; what the training draws at random afterwards is as if it had not."""
    numpy: Any = sys.modules.get("numpy")
    state = random.getstate()
    in_numpy = None if numpy is None else numpy.random.get_state()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices=list(devices)):
        try:
            return validation.evaluate()
        finally:
            random.setstate(state)
            if numpy is not None:
                numpy.random.set_state(in_numpy)


def _before(
    kind: Any,
    name: str,
    of: Callable[[Any], Optional[Validation]],
    found: Callable[[Validation], None],
) -> None:
    method = getattr(kind, name)

    def patched(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            validation = of(self)
        except (AttributeError, TypeError):
            # Another version of the framework: sizes are compared by the training loss.
            validation = None
        if validation is not None:
            found(validation)
        return method(self, *args, **kwargs)

    setattr(kind, name, patched)


def _listed(combined: Any) -> List[Any]:
    return list(getattr(combined, "flattened", []) or [])


def _accuracy(metrics: Dict[str, Any]) -> Optional[float]:
    return next((float(value) for name, value in metrics.items() if "acc" in name), None)
