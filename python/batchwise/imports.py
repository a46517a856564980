"""Runs code right after a module was imported, without importing anything itself."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from typing import Any, Callable, Dict, Optional, Set


class _AfterImport(importlib.abc.MetaPathFinder):
    def __init__(self, actions: Dict[str, Callable[[Any], None]]) -> None:
        self._actions = actions
        self._looking: Set[str] = set()

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Optional[Any]:
        if fullname not in self._actions or fullname in self._looking:
            return None
        self._looking.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        except (ImportError, ValueError, AttributeError):
            return None
        finally:
            self._looking.discard(fullname)
        if spec is None or spec.loader is None:
            return None
        action = self._actions.pop(fullname)
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            action(module)

        try:
            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        except AttributeError:
            return None
        return spec


def after_import(actions: Dict[str, Callable[[Any], None]]) -> None:
    """Calls each action with its module once that was imported, or now if it was before."""
    waiting = dict(actions)
    for name in list(waiting):
        if name in sys.modules:
            waiting.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, _AfterImport(waiting))
