"""A recurrent network that tells how many pulses a signal has."""

import sys

import torch
from torch import nn
from torch.utils.data import TensorDataset
from training import train

LEARNING_RATE = 3e-3
EPOCHS = 40


def make_data():
    generator = torch.Generator().manual_seed(3)
    counts = torch.randint(4, (4096,), generator=generator)
    signals = 0.2 * torch.randn(4096, 16, 1, generator=generator)
    for row, count in enumerate(counts.tolist()):
        at = torch.randperm(16, generator=generator)[:count]
        signals[row, at] += 1.0
    return TensorDataset(signals, counts)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(1, 32, batch_first=True)
        self.head = nn.Linear(32, 4)

    def forward(self, x):
        states, _ = self.recurrent(x)
        return self.head(states[:, -1])


def make_model():
    return Net()


def loss_of(model, batch):
    signals, counts = batch
    return nn.functional.cross_entropy(model(signals), counts)


def make_optimizer(parameters, learning_rate=LEARNING_RATE):
    return torch.optim.Adam(parameters, lr=learning_rate)


if __name__ == "__main__":
    train(sys.modules[__name__])
