"""Runs a script, a module or a notebook unchanged, under the tuner's control."""

from __future__ import annotations

import json
import linecache
import os
import platform
import runpy
import sys
import types
from typing import Any, Dict, List, Optional

import batchwise

from . import faults, keras_hooks, quiet, ranks, seeds, torch_hooks, validation
from .channel import Channel
from .command import run_command
from .imports import after_import
from .session import Session

OLDEST_PYTHON = (3, 9)


def main() -> None:
    session = Session(Channel()) if ranks.rank() == 0 else ranks.Follower()
    channel = session.channel
    batchwise._session = session
    channel.listen()
    # Slurm may call the machine by a name of its own.
    host = os.environ.get("SLURMD_NODENAME") or platform.node()
    place = {"pid": os.getpid(), "host": host}
    channel.event("ready", {"python": platform.python_version(), **place})
    options = session.wait_for_begin()
    if ranks.rank() == 0:
        ranks.hand_over(options)
    program = options["program"]
    os.environ.update(options.get("env") or {})
    for needed in (options.get("cwd"), _file_of(program)):
        if needed and not os.path.exists(needed):
            session.fault("placeWithoutFile", {"path": needed, "host": host})
    if options.get("cwd"):
        os.chdir(options["cwd"])
    seeds.seed_python(options["seed"])
    for name, value in quiet.environment.items():
        os.environ.setdefault(name, value)
    after_import(
        {
            **seeds.actions(session),
            **quiet.actions(),
            **torch_hooks.actions(session),
            **keras_hooks.actions(session),
            **validation.actions(session),
        }
    )
    folder = os.path.realpath(options["root"])
    try:
        if program["kind"] == "command":
            run_command(session, program["target"], program["args"])
        else:
            _run(program)
    except SystemExit as exit:
        if exit.code in (None, 0):
            session.script_ended()
        else:
            session.script_failed(faults.describe(exit, folder), False)
    except BaseException as error:
        faults.log_traceback(error)
        session.script_failed(faults.describe(error, folder), faults.is_out_of_memory(error))
    session.script_ended()


def _file_of(program: Dict[str, Any]) -> Optional[str]:
    return program["target"] if program["kind"] in ("script", "notebook") else None


def _run(program: Dict[str, Any]) -> None:
    kind, target, args = program["kind"], program["target"], program["args"]
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # As `python script.py` has it: the script's folder first, and this one out of the way.
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != own]
    sys.path.append(own)
    if kind == "module":
        sys.path.insert(0, os.getcwd())
        sys.argv = [target, *args]
        runpy.run_module(target, run_name="__main__", alter_sys=True)
        return
    sys.path.insert(0, os.path.dirname(os.path.abspath(target)))
    sys.argv = [target, *args]
    if kind == "notebook":
        _run_cells(target)
    else:
        runpy.run_path(target, run_name="__main__")


def _run_cells(file: str) -> None:
    """Runs the code cells in order; magics and shell lines are left out."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    module = types.ModuleType("__main__")
    module.__file__ = file
    sys.modules["__main__"] = module
    for number, source in enumerate(code_cells(file), start=1):
        name = "%s#cell%d" % (file, number)
        # As from a file: for tracebacks, and for who looks at the code that runs.
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        code = compile(source, name, "exec")
        exec(code, module.__dict__)


def code_cells(file: str) -> List[str]:
    with open(file, encoding="utf-8") as opened:
        cells = json.load(opened).get("cells", [])
    found = []
    for cell in cells:
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        lines = ("".join(source) if isinstance(source, list) else source).split("\n")
        if lines[0].startswith("%%"):
            continue
        found.append(
            "\n".join(
                "pass" if line.lstrip().startswith(("%", "!")) and line.strip() == line else line
                for line in lines
            )
        )
    return found
