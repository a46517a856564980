"""How long a script means to train: the loops that its updates are made in, and its framework's plan."""

from __future__ import annotations

import ast
import linecache
import math
import os
import sys
from types import FrameType
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import faults

_functions: Dict[str, Callable[..., Any]] = {
    "int": int,
    "len": len,
    "max": max,
    "min": min,
    "round": round,
    "ceil": math.ceil,
    "floor": math.floor,
}
_operators: Dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
}


class _Loop(NamedTuple):
    """A counted loop of the script around an update: its rounds in all, and the number of this one."""

    rounds: int
    at: int


class _Planned(NamedTuple):
    epochs: Optional[float]
    updates: Optional[float]


class Plan:
    """How long the running script means to train, found out from within its first updates."""

    def __init__(self) -> None:
        self._before: Dict[Tuple[str, int], _Loop] = {}
        #: Whether a loop goes round with each update, and its rounds; the innermost first.
        self._loops: List[Tuple[bool, float]] = []
        self._of_framework: Optional[_Planned] = None

    def look(self, updates: int, root: str) -> None:
        """
        Within each update, the first of which is number 1; `root` is the folder of the person's own
        code. The second one shows which loops are about updates.
        """
        if updates > 2:
            return
        now = dict(_running(os.path.realpath(root)))
        if updates == 1:
            self._before = now
            self._of_framework = _planned_by_framework()
        else:
            for key, loop in now.items():
                moved = loop.at - self._before.get(key, loop).at
                self._loops.append((moved > 0, loop.rounds / max(1, moved)))

    def epochs(self, session: Any) -> Optional[float]:
        """Epochs that are planned in the session's data set; None where nothing tells."""
        size = session.dataset_size or session.options["discover"].get("nominalEpoch")
        samples, updates = session.samples, session.updates
        updates_per_epoch = size * updates / samples if size and samples else None
        told = self._told(updates_per_epoch)
        # While its rate is zero, a script may stop early that means to go on.
        return samples / size if told is None and session.ended and size else told

    def _told(self, updates_per_epoch: Optional[float]) -> Optional[float]:
        """By the framework, or by the loops."""

        def of(updates: Optional[float]) -> Optional[float]:
            return updates / updates_per_epoch if updates and updates_per_epoch else None

        if self._of_framework is not None:
            told = (self._of_framework.epochs, of(self._of_framework.updates))
            return min([each for each in told if each], default=None)
        inner: Optional[float] = None
        for is_of_updates, rounds in self._loops:
            if is_of_updates:
                inner = inner or rounds
            # Updates up to about those of an epoch: the loop around them is that of epochs.
            elif inner is None or (updates_per_epoch and inner < 1.5 * updates_per_epoch):
                return rounds
            else:
                break
        return of(inner)


def _running(root: str) -> Iterator[Tuple[Tuple[str, int], _Loop]]:
    """The counted loops in the person's own code that are running, the innermost first."""
    for frame in _frames():
        file = os.path.abspath(frame.f_code.co_filename)
        if faults.is_own_file(file, root) and "batchwise" + os.sep not in file:
            for node in _around(frame):
                loop = _counted(node, frame)
                if loop is not None:
                    yield (file, node.lineno), loop


def _frames() -> Iterator[FrameType]:
    frame: Optional[FrameType] = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back


def _planned_by_framework() -> Optional[_Planned]:
    """By the framework whose loop this is; None where it is the script's own."""
    for frame in _frames():
        module = str(frame.f_globals.get("__name__"))
        if module == "transformers.trainer":
            state = getattr(frame.f_locals.get("self"), "state", None)
            return _Planned(None, _positive(getattr(state, "max_steps", None)))
        if module in ("lightning.pytorch.loops.fit_loop", "pytorch_lightning.loops.fit_loop"):
            loop: Any = frame.f_locals.get("self")
            return _Planned(_positive(loop.max_epochs), _positive(loop.max_steps))
    return None


def _positive(number: Any) -> Optional[float]:
    return float(number) if isinstance(number, (int, float)) and number > 0 else None


_trees: Dict[str, Optional[ast.Module]] = {}


def _tree_of(file: str) -> Optional[ast.Module]:
    if file not in _trees:
        try:
            _trees[file] = ast.parse("".join(linecache.getlines(file)))
        except (SyntaxError, ValueError):
            _trees[file] = None
    return _trees[file]


def _around(frame: FrameType) -> List[Any]:
    """The loops of the frame's own function whose bodies it is in, the innermost first."""
    tree = _tree_of(frame.f_code.co_filename)
    line = frame.f_lineno
    found: List[Any] = []
    node: Any = tree
    while node is not None:
        inner = [each for each in ast.iter_child_nodes(node) if _holds(each, line)]
        node = inner[0] if inner else None
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            found = []
        elif isinstance(node, (ast.For, ast.While)) and line >= node.body[0].lineno:
            found.append(node)
    return found[::-1]


def _holds(node: Any, line: int) -> bool:
    return hasattr(node, "lineno") and node.lineno <= line <= (node.end_lineno or node.lineno)


def _counted(node: Any, frame: FrameType) -> Optional[_Loop]:
    """`for x in range(…)`, also within a progress bar, and `while x < …`."""
    try:
        if isinstance(node, ast.For):
            rounds = _range_of(node.iter, frame)
            value = _value(node.target, frame)
            if rounds is None or value not in rounds:
                return None
            return _Loop(len(rounds), rounds.index(value))
        test = node.test
        if isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.Lt, ast.LtE)):
            at = int(_value(test.left, frame))
            end = _value(test.comparators[0], frame) + isinstance(test.ops[0], ast.LtE)
            return _Loop(int(end), at)
    except Exception:
        # An expression that only the script itself can evaluate.
        pass
    return None


def _range_of(node: Any, frame: FrameType) -> Optional[range]:
    if not isinstance(node, ast.Call):
        return None
    name = _name_of(node.func)
    if name in ("range", "trange"):
        return range(*(int(_value(each, frame)) for each in node.args))
    return _range_of(node.args[0], frame) if node.args else None


def _name_of(node: Any) -> Optional[str]:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)


def _value(node: Any, frame: FrameType) -> Any:
    """Of an expression without side effects; raises where it may be another one."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        scope = frame.f_locals if node.id in frame.f_locals else frame.f_globals
        return scope[node.id]
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, frame), node.attr)
    if isinstance(node, ast.Subscript):
        return _value(node.value, frame)[_value(node.slice, frame)]
    if isinstance(node, ast.BinOp):
        return _operators[type(node.op)](_value(node.left, frame), _value(node.right, frame))
    if isinstance(node, ast.Call) and not node.keywords:
        return _functions[str(_name_of(node.func))](*(_value(each, frame) for each in node.args))
    raise ValueError(type(node).__name__)
