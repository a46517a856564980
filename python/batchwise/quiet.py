"""Loggers and checkpoints that frameworks have switches for are off while sizes are tried."""

from __future__ import annotations

from typing import Any, Callable, Dict

environment = {
    "WANDB_MODE": "disabled",
    "COMET_MODE": "DISABLED",
    "MLFLOW_ENABLE_ASYNC_LOGGING": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "MPLBACKEND": "Agg",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


def actions() -> Dict[str, Callable[[Any], None]]:
    return {
        "transformers.training_args": _training_arguments,
        "lightning.pytorch.callbacks.model_checkpoint": _model_checkpoint,
        "pytorch_lightning.callbacks.model_checkpoint": _model_checkpoint,
    }


def _training_arguments(module: Any) -> None:
    kind = module.TrainingArguments
    initialize = kind.__post_init__

    def __post_init__(self: Any) -> None:
        self.save_strategy = "no"
        self.report_to = "none"
        if getattr(self, "load_best_model_at_end", False):
            self.load_best_model_at_end = False
        self.push_to_hub = False
        self.disable_tqdm = True
        initialize(self)

    kind.__post_init__ = __post_init__


def _model_checkpoint(module: Any) -> None:
    kind = module.ModelCheckpoint
    for name in ("_save_checkpoint", "_save_last_checkpoint"):
        if hasattr(kind, name):
            setattr(kind, name, lambda self, *args, **kwargs: None)
