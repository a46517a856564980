"""Runs a training script under Batchwise's control; see batchwise/runner.py and batchwise/server.py."""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

if sys.argv[1:] == ["--serve"]:
    from batchwise.server import serve

    serve()

from batchwise.runner import main  # noqa: E402

main()
