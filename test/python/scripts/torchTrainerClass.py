from dataclasses import dataclass

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, SubsetRandomSampler, TensorDataset


@dataclass
class Config:
    batch_size: int = 32
    max_lr: float = 0.02
    epochs: int = 3


class Trainer:
    def __init__(self, config: Config):
        self.config = config
        torch.manual_seed(0)
        x = torch.randn(700, 1, 8, 8)
        y = (x.mean((1, 2, 3)) > 0).long()
        data = TensorDataset(x, y)
        self.loader = DataLoader(
            data, batch_size=config.batch_size, sampler=SubsetRandomSampler(range(512))
        )
        self.model = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2)
        )
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=config.max_lr)
        steps = config.epochs * len(self.loader)
        self.scheduler = OneCycleLR(self.optimizer, max_lr=config.max_lr, total_steps=steps)
        self.criterion = nn.CrossEntropyLoss()

    def run(self):
        for _ in range(self.config.epochs):
            for x, y in self.loader:
                self.optimizer.zero_grad()
                self.criterion(self.model(x), y).backward()
                self.optimizer.step()
                self.scheduler.step()


Trainer(Config()).run()
