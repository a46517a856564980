"""What other tools choose for a task, as their documentation has people use them.

Writes a document of JSON: the size, and the seconds until it is known, imports included.
"""

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

begun = time.perf_counter()
sys.path.insert(0, str(Path(__file__).parent / "tasks"))

import torch  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402


def by_lightning(task, mode):
    import lightning as L
    from lightning.pytorch.tuner import Tuner

    class Model(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.batch_size = 2
            self.model = task.make_model()
            self.data = task.make_data()

        def training_step(self, batch, _):
            return task.loss_of(self.model, batch)

        def configure_optimizers(self):
            return task.make_optimizer(self.parameters())

        def train_dataloader(self):
            return DataLoader(self.data, batch_size=self.batch_size, shuffle=True)

    trainer = L.Trainer(
        accelerator="cpu",
        max_epochs=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    return Tuner(trainer).scale_batch_size(Model(), mode=mode)


def by_accelerate(task):
    from accelerate.utils import find_executable_batch_size

    @find_executable_batch_size
    def train(batch_size):
        loader = DataLoader(task.make_data(), batch_size=batch_size, shuffle=True)
        model = task.make_model()
        optimizer = task.make_optimizer(model.parameters())
        for step, batch in enumerate(loader):
            optimizer.zero_grad()
            task.loss_of(model, batch).backward()
            optimizer.step()
            if step == 2:
                break
        return batch_size

    return train()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task")
    parser.add_argument("finder", choices=["power", "binsearch", "accelerate"])
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    task = importlib.import_module(args.task)
    torch.manual_seed(0)
    if args.finder == "accelerate":
        size = by_accelerate(task)
    else:
        size = by_lightning(task, args.finder)
    found = {"batchSize": size, "seconds": time.perf_counter() - begun}
    args.out.write_text(json.dumps(found))


main()
