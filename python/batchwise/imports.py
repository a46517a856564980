"""Runs code right after a module was imported, without importing anything itself."""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import sys
from typing import Any, Callable, Dict, List, Optional, Set

from . import faults

#: Starts processes and threads as soon as it is imported.
_LIVELY = "torch._inductor"


class _AfterImport(importlib.abc.MetaPathFinder):
    def __init__(self, actions: Dict[str, Callable[[Any], None]]) -> None:
        self._actions = actions
        self._looking: Set[str] = set()
        self._before = dict(os.environ)
        #: Variables that were set before the latest package was imported, which may read them then.
        self.environment: Dict[str, str] = {}

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Optional[Any]:
        if "." not in fullname:
            now = os.environ.items()
            self.environment = {k: v for k, v in now if self._before.get(k) != v}
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
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            # Not before: others only look whether a package is there.
            action = self._actions.pop(fullname, None)
            if action is not None:
                action(module)

        try:
            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        except AttributeError:
            return None
        return spec


_finder: Optional[_AfterImport] = None


def after_import(actions: Dict[str, Callable[[Any], None]]) -> None:
    """Calls each action with its module once that was imported, or now if it was before."""
    global _finder
    waiting = dict(actions)
    for name in list(waiting):
        if name in sys.modules:
            waiting.pop(name)(sys.modules[name])
    _finder = _AfterImport(waiting)
    sys.meta_path.insert(0, _finder)


def imported(root: str) -> Dict[str, Any]:
    """
    What another process must import to be where this one is: modules of installed packages in the
    order of their import, the variables that they were to see, and the person's own files.
    """
    modules: List[str] = []
    files: List[str] = []
    for name, module in list(sys.modules.items()):
        # Not by getattr: a module may make attributes as it is asked for them.
        spec = getattr(module, "__dict__", {}).get("__spec__")
        file = getattr(spec, "origin", None)
        if not isinstance(file, str) or getattr(spec, "name", None) != name:
            continue
        if faults.is_installed(file):
            if not name.startswith(_LIVELY):
                modules.append(name)
        elif faults.is_own_file(file, root):
            files.append(file)
    environment = {} if _finder is None else _finder.environment
    return {"modules": modules, "environment": environment, "files": files}
