"""Runs a training script under Batchwise's control; see runner.py, server.py and ray_relay.py in batchwise/."""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

if sys.argv[1:] == ["--serve"]:
    from batchwise.server import serve

    serve()

if sys.argv[1:] == ["--ray"]:
    from batchwise.ray_relay import relay

    relay()

from batchwise.runner import main  # noqa: E402

main()
