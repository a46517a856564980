from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch.utils.data import DataLoader


@dataclass
class TrainConfig:
    data_dir: str = "data"
    batch_size: int = 48
    eval_batch_size: int = 200
    epochs: int = field(default=12, metadata={"help": "passes over the data"})
    lr: float = 0.002
    accum_steps: int = 2


def run(cfg: TrainConfig, dataset) -> None:
    train_loader = DataLoader(dataset, batch_size=cfg.batch_size, shuffle=True)
    model = torch.nn.Linear(3, 1)
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        for i, (x, y) in enumerate(train_loader):
            loss = ((model(x) - y) ** 2).mean() / cfg.accum_steps
            loss.backward()
            if (i + 1) % cfg.accum_steps == 0:
                opt.step()
                opt.zero_grad()
