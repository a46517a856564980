"""What the runner adds to a step of 5 ms: one script, alone and under the runner, by turns.

Each pair of processes trains in turns, a block of steps each, so that both meet the same machine.
What a block takes is its thread's time on the processor, in which other programs have no share.
Writes a document of JSON: the median over pairs of the median ratio over blocks, and each pair's.
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
from typing import Iterator, List

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "python"))

from driver import Runner, start_of  # noqa: E402

SCRIPT = HERE / "overheadScript.py"
#: Seconds of a step that is asked for, and of a block.
STEP, BLOCK = 0.005, 0.15
#: Blocks in which a process warms up.
COLD = 4
#: Only what trains on one core is compared.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Alone:
    """The script without the runner, a block at a time."""

    def __init__(self, arguments: List[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ENVIRONMENT},
            text=True,
        )

    def block(self) -> float:
        """Seconds of a step in the next block."""
        taken = float(self._process.stdout.readline().split()[1])
        return taken

    def release(self) -> None:
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def width_for(step: float) -> int:
    """A network whose step takes about so long here."""
    low, high = 128, 4096
    while high - low > 64:
        middle = (low + high) // 2
        alone = Alone([str(middle), "20", "4"])
        try:
            taken = []
            for _ in range(3):
                taken.append(alone.block())
                alone.release()
        finally:
            alone.stop()
        low, high = (middle, high) if min(taken) < step else (low, middle)
    return low


def ratios(width: int, blocks: int, folder: Path) -> Iterator[float]:
    """Of one pair of processes, block after block: under the runner over alone."""
    size = max(1, round(BLOCK / STEP))
    arguments = [str(width), str(size), str(blocks + 2)]
    alone = Alone(arguments)
    try:
        with Runner(folder, ENVIRONMENT) as runner:
            what = {"kind": "script", "target": str(SCRIPT), "args": arguments}
            line = 1 + SCRIPT.read_text().splitlines().index(
                "loader = DataLoader(dataset, batch_size=32, shuffle=True, drop_last=True)"
            )
            loader = {"file": str(SCRIPT), "line": line, "ordinal": 0}
            begin = {**start_of(what), "root": str(HERE), "batchSize": 32, "loader": loader}
            answer = runner.value("begin", **begin, samples=4096, rateFactor=1.0)
            assert answer["ok"], answer
            # A pause comes before the block's last line: that is told in the next turn.
            runner.value("advance", iterations=size, maxSeconds=1000)
            ours: List[float] = []
            theirs: List[float] = []
            for _ in range(blocks):
                runner.value("advance", iterations=size, maxSeconds=1000)
                theirs.append(alone.block())
                alone.release()
            told = [line for line in runner.stderr().splitlines() if line.startswith("block ")]
            ours = [float(line.split()[1]) for line in told]
        for under, without in list(zip(ours, theirs))[COLD:]:
            yield under / without
    finally:
        alone.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--blocks", type=int, default=40)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    width = width_for(STEP)
    medians = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(given.pairs):
            medians.append(statistics.median(ratios(width, given.blocks, Path(folder))))
    found = {
        "width": width,
        "overhead": statistics.median(medians) - 1,
        "pairs": [median - 1 for median in medians],
    }
    given.out.write_text(json.dumps(found))


main()
