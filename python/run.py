"""Runs a training script under Batchwise's control; see batchwise/runner.py."""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from batchwise.runner import main  # noqa: E402

main()
