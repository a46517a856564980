"""Validation of a plain PyTorch loop, made from what its first training step did.

A step of a script as people write them calls one model with tensors of the batch, and one loss with
the model's output and a tensor of the batch. Where the first step did just that, the same can be done
with the batches of another loader of the script, in evaluation mode. Where it did anything else,
nothing is guessed: sizes are compared by the training loss.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from .validation import Measured, Validation

LOSSES = (
    "cross_entropy",
    "nll_loss",
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
)


class _Call(NamedTuple):
    function: Callable[..., Any]
    args: Tuple[Any, ...]
    kwargs: Dict[str, Any]
    result: Any


class _Leaf(NamedTuple):
    """A tensor of a batch, and what is made of it before it is used."""

    index: int
    shape: Tuple[int, ...]
    dtype: Any
    device: Any

    def of(self, leaves: List[Any]) -> Any:
        leaf = leaves[self.index]
        return leaf.to(self.device, self.dtype).reshape(leaf.shape[0], *self.shape)


class FirstStep:
    """Watches the first training step: what is called outside of any module."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._depth = 0
        self._calls: List[_Call] = []
        #: The latest two: a framework may fetch one ahead.
        self._batches: List[Any] = []
        self._undo: List[Callable[[], None]] = []
        self._watch()

    @property
    def is_watching(self) -> bool:
        return bool(self._undo)

    def stop(self) -> None:
        for undo in self._undo:
            undo()
        self._undo = []
        self._calls = []
        self._batches = []

    def saw_batch(self, batch: Any) -> None:
        self._batches = [batch, *self._batches[:1]]
        self._calls = []

    def recipe(self, loss: Any) -> Optional["Recipe"]:
        """How the loss came about, from the batch; None where that is not understood."""
        own = next((c for c in self._calls if _is_of(loss, c.result)), None)
        models = [c for c in self._calls if c is not own]
        if own is None or len(models) != 1 or len(own.args) != 2:
            return None
        (model,) = models
        output = model.result
        predicted, target = own.args
        tensor = self._torch.Tensor
        if not isinstance(output, tensor) or not isinstance(predicted, tensor):
            return None
        if predicted.numel() != output.numel() or predicted.data_ptr() != output.data_ptr():
            return None
        if model.kwargs or not isinstance(target, tensor) or predicted.dim() == 0:
            return None
        for batch in self._batches:
            leaves = _leaves(batch, self._torch)
            used = [_found(each, leaves, self._torch) for each in (*model.args, target)]
            if len(used) > 1 and all(used):
                *inputs, wanted = used
                shape = tuple(predicted.shape[1:])
                return Recipe(model.function, inputs, shape, own, wanted)
        return None

    def _watch(self) -> None:
        torch = self._torch
        modules = torch.nn.modules.module

        def enter(module: Any, args: Any) -> None:
            self._depth += 1

        def leave(module: Any, args: Any, kwargs: Any, result: Any) -> None:
            self._depth -= 1
            self._saw(module, args, kwargs, result)

        hooks = [
            modules.register_module_forward_pre_hook(enter),
            modules.register_module_forward_hook(leave, with_kwargs=True, always_call=True),
        ]
        self._undo += [hook.remove for hook in hooks]
        functional = torch.nn.functional
        for name in LOSSES:
            self._wrap(functional, name, watches=True)
        # Hooks would be compiled into what is compiled.
        self._wrap(torch, "compile", watches=False)
        self._wrap(torch.nn.Module, "compile", watches=False)

    def _wrap(self, owner: Any, name: str, watches: bool) -> None:
        own = getattr(owner, name, None)
        if own is None:
            return

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if not watches:
                self.stop()
            self._depth += 1
            try:
                result = own(*args, **kwargs)
            finally:
                self._depth -= 1
            if watches:
                self._saw(own, args, kwargs, result)
            return result

        setattr(owner, name, wrapped)
        self._undo.append(lambda: setattr(owner, name, own))

    def _saw(self, function: Any, args: Any, kwargs: Any, result: Any) -> None:
        if self._depth == 0 and self._torch.is_grad_enabled() and self.is_watching:
            self._calls.append(_Call(function, args, kwargs, result))


class Recipe(NamedTuple):
    """From a batch to its loss."""

    model: Any
    inputs: List[Any]
    predicted: Tuple[int, ...]
    loss: _Call
    target: Any


class OfLoop(Validation):
    def __init__(self, torch: Any, recipe: Recipe, loader: Any, place: Dict[str, Any]) -> None:
        self.place = place
        self._torch = torch
        self._recipe = recipe
        self._loader = loader
        self.samples = len(loader.dataset)

    def evaluate(self) -> Optional[Measured]:
        modes = [(each, each.training) for each in self._recipe.model.modules()]
        generator = getattr(self._loader, "generator", None)
        state = None if generator is None else generator.get_state()
        self._recipe.model.eval()
        try:
            with self._torch.no_grad():
                return self._measured()
        finally:
            for module, mode in modes:
                module.training = mode
            if generator is not None:
                generator.set_state(state)

    def _measured(self) -> Optional[Measured]:
        recipe, torch = self._recipe, self._torch
        losses: List[float] = []
        counts: List[int] = []
        right = 0
        classifies = False
        for batch in self._loader:
            leaves = _leaves(batch, torch)
            output = recipe.model(*[each.of(leaves) for each in recipe.inputs])
            predicted = output.reshape(output.shape[0], *recipe.predicted)
            target = recipe.target.of(leaves)
            loss = recipe.loss.function(predicted, target, **recipe.loss.kwargs)
            losses.append(float(loss))
            counts.append(int(predicted.shape[0]))
            classifies = predicted.dim() == 2 and target.dim() == 1 and target.dtype == torch.int64
            if classifies:
                right += int((predicted.argmax(1) == target).sum())
        total = sum(counts)
        if total == 0:
            return None
        mean = sum(loss * count for loss, count in zip(losses, counts)) / total
        error = None
        if len(losses) > 3 and math.isfinite(mean):
            squares = sum(n * n * (loss - mean) ** 2 for loss, n in zip(losses, counts))
            error = math.sqrt(squares) / total
        return mean, right / total if classifies else None, error


def is_for_validation(loader: Any, training: Any, torch: Any) -> bool:
    """Whether a loader of the script gives out other data than it trains on, and in order."""
    if loader is None or training is None or loader is training:
        return False
    in_order = isinstance(getattr(loader, "sampler", None), torch.utils.data.SequentialSampler)
    if not in_order or loader.dataset is training.dataset:
        return False
    return hasattr(loader.dataset, "__len__") and len(loader.dataset) > 0


def _is_of(loss: Any, result: Any) -> bool:
    """Whether this is that loss, or a multiple of it."""
    if loss is result:
        return True
    made, own = getattr(loss, "grad_fn", None), getattr(result, "grad_fn", None)
    if made is None or own is None or type(made).__name__ not in ("DivBackward0", "MulBackward0"):
        return False
    return any(each is own for each, _ in made.next_functions)


def _leaves(batch: Any, torch: Any) -> List[Any]:
    if isinstance(batch, torch.Tensor):
        return [batch]
    values = list(batch.values()) if isinstance(batch, dict) else batch
    if not isinstance(values, (list, tuple)):
        return []
    return [leaf for value in values for leaf in _leaves(value, torch)]


def _found(used: Any, leaves: List[Any], torch: Any) -> Optional[_Leaf]:
    """The tensor of the batch that this one is, on whatever device and in whatever type."""
    if not isinstance(used, torch.Tensor) or used.dim() == 0:
        return None
    for index, leaf in enumerate(leaves):
        if leaf.dim() == 0 or leaf.numel() != used.numel() or leaf.shape[0] != used.shape[0]:
            continue
        if torch.equal(leaf.detach().to(used.device, used.dtype).reshape(used.shape), used.detach()):
            return _Leaf(index, tuple(used.shape[1:]), used.dtype, used.device)
    return None
