"""What went wrong in a script: told by type, with the person's own file and line."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType
from typing import Any, Dict, Optional

_memory_types = {
    "OutOfMemoryError",
    "ResourceExhaustedError",
    "MemoryError",
    "_ArrayMemoryError",
}
_memory_words = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "resource_exhausted",
    "bad_alloc",
    "defaultcpuallocator",
    "not enough memory",
)


#: Of JAX, which do not all derive from RuntimeError.
_runtime_errors = {"XlaRuntimeError", "JaxRuntimeError"}


def is_out_of_memory(error: BaseException) -> bool:
    """True for the types by which frameworks say so, and for allocators that only have words."""
    for each in _chain(error):
        if any(kind.__name__ in _memory_types for kind in type(each).__mro__):
            return True
        if isinstance(each, (RuntimeError, OSError)) or type(each).__name__ in _runtime_errors:
            text = str(each).lower()
            if any(words in text for words in _memory_words):
                return True
    return False


def describe(error: BaseException, folder: str) -> Dict[str, Any]:
    """One sentence, with the innermost line of the person's own code."""
    frame = _own_frame(error.__traceback__, folder)
    place = (None, None) if frame is None else (frame.filename, frame.lineno)
    text = str(error)
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        # The code at fault was never run: it is in no frame.
        place = (os.path.abspath(error.filename), error.lineno)
        text = error.msg
    elif isinstance(error, SystemExit):
        text = _why_left(error)
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    said = type(error).__name__ + (": " + lines[0][:300] if lines else "")
    return {"sentence": said, "file": place[0], "line": place[1]}


def _why_left(error: SystemExit) -> str:
    """What the script said as it left; argparse only prints what it finds wrong."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == "error" and os.path.basename(code.co_filename) == "argparse.py":
            return str(trace.tb_frame.f_locals.get("message", "exit code %s" % error.code))
        trace = trace.tb_next
    return error.code if isinstance(error.code, str) else "exit code %s" % error.code


def log_traceback(error: BaseException) -> None:
    """The script's own traceback, without the runner's frames."""
    own = os.path.dirname(os.path.abspath(__file__))
    shown = traceback.TracebackException.from_exception(error)
    each: Optional[traceback.TracebackException] = shown
    while each is not None:
        each.stack = traceback.StackSummary.from_list(
            [
                frame
                for frame in each.stack
                if not frame.filename.startswith(own) and "<frozen runpy>" not in frame.filename
            ]
        )
        each = each.__cause__ or each.__context__
    sys.stderr.write("".join(shown.format()))
    sys.stderr.flush()


def is_own_file(file: str, folder: str) -> bool:
    """True for code of the person: in its folder, and in no environment below that."""
    if not os.path.isabs(file):
        return False
    within = os.path.realpath(file)
    return within.startswith(folder + os.sep) and not is_installed(within)


def is_installed(file: str) -> bool:
    """True for a file of a package that was installed."""
    return any(part in ("site-packages", "dist-packages") for part in file.split(os.sep))


def _own_frame(
    trace: Optional[TracebackType], folder: str
) -> Optional[traceback.FrameSummary]:
    if trace is None:
        return None
    found = [frame for frame in traceback.extract_tb(trace) if is_own_file(frame.filename, folder)]
    return found[-1] if found else None


def _chain(error: Optional[BaseException]) -> Any:
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
