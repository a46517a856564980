"""The loss that a task's script comes to, run alone with its own size.

Writes a document of JSON: the mean training loss of each epoch, by seed.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

TASKS = Path(__file__).parent / "tasks"
sys.path.insert(0, str(TASKS))

import torch  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402


def losses_of(name, seed):
    """Runs the script and takes its losses down as they are computed."""
    task = importlib.import_module(name)
    given = torch.manual_seed
    sums = []
    begin = DataLoader.__iter__
    loss_of = task.loss_of

    def __iter__(loader):
        sums.append([0.0, 0])
        return begin(loader)

    def noted(model, batch):
        loss = loss_of(model, batch)
        sums[-1][0] += loss.item() * len(batch[0])
        sums[-1][1] += len(batch[0])
        return loss

    torch.manual_seed = lambda _: given(seed)
    DataLoader.__iter__ = __iter__
    task.loss_of = noted
    sys.argv = [name]
    try:
        importlib.import_module("training").train(task)
    finally:
        torch.manual_seed = given
        DataLoader.__iter__ = begin
        task.loss_of = loss_of
    return [total / samples for total, samples in sums]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("task")
    parser.add_argument("--seeds", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    found = {seed: losses_of(args.task, int(seed)) for seed in args.seeds.split(",")}
    Path(args.out).write_text(json.dumps(found))
