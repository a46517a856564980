"""What the runner adds to a step of 5 ms: see overheadScript.py.

The runner does the same in each step, however long that is. Its seconds are taken at steps of 1 ms,
where they are a large enough share to be told from what the machine does meanwhile. Writes a document
of JSON: the median over processes of the median over blocks, as a share of 5 ms, and each process's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, List

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "python"))

from driver import Runner, start_of  # noqa: E402

SCRIPT = HERE / "overheadScript.py"
#: Seconds of a step that the share is of, of a step that is measured, and of a block of those.
JUDGED, STEP, BLOCK = 0.005, 0.001, 0.1
#: Pairs of blocks in which a process warms up.
COLD = 4
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def width_for(step: float, out: Path) -> int:
    """A network whose step takes about so long here, without the runner."""
    low, high = 16, 2048
    while high - low > 32:
        middle = (low + high) // 2
        words = [str(middle), "20", "4", str(out)]
        env = {**os.environ, **ENVIRONMENT}
        subprocess.run([sys.executable, str(SCRIPT), *words], env=env, check=True)
        taken = json.loads(out.read_text())
        low, high = (middle, high) if min(taken["without"]) < step else (low, middle)
    return low


def blocks_of(width: int, blocks: int, folder: Path) -> Dict[str, List[float]]:
    """Seconds of a step in each block of one process, which is paused after each block."""
    size = max(1, round(BLOCK / STEP))
    out = folder / "blocks.json"
    words = [str(width), str(size), str(2 * blocks), str(out)]
    what = {"kind": "script", "target": str(SCRIPT), "args": words}
    made = "loader = DataLoader(dataset, batch_size=32, shuffle=True, drop_last=True)"
    line = 1 + SCRIPT.read_text().splitlines().index(made)
    loader = {"file": str(SCRIPT), "line": line, "ordinal": 0}
    begin = {**start_of(what), "root": str(HERE), "batchSize": 32, "loader": loader}
    with Runner(folder, ENVIRONMENT) as runner:
        answer = runner.value("begin", **begin, samples=4096, rateFactor=1.0)
        assert answer["ok"], answer
        while not runner.value("advance", iterations=size, maxSeconds=1000)["ended"]:
            pass
    return json.loads(out.read_text())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--blocks", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    medians = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        width = width_for(STEP, folder / "width.json")
        for _ in range(given.processes):
            taken = blocks_of(width, given.blocks, folder)
            pairs = list(zip(taken["with"], taken["without"]))[COLD:]
            medians.append(statistics.median(ours - alone for ours, alone in pairs) / JUDGED)
    found = {"width": width, "overhead": statistics.median(medians), "processes": medians}
    given.out.write_text(json.dumps(found))


main()
