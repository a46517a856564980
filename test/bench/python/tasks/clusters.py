"""A dense classifier of noisy clusters."""

import sys

import torch
from torch import nn
from torch.utils.data import TensorDataset
from training import train

LEARNING_RATE = 1e-3
EPOCHS = 40


def make_data():
    generator = torch.Generator().manual_seed(1)
    centers = torch.randn(10, 32, generator=generator)
    labels = torch.randint(10, (8192,), generator=generator)
    points = centers[labels] + 1.6 * torch.randn(8192, 32, generator=generator)
    return TensorDataset(points, labels)


def make_model():
    return nn.Sequential(
        nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def loss_of(model, batch):
    points, labels = batch
    return nn.functional.cross_entropy(model(points), labels)


def make_optimizer(parameters, learning_rate=LEARNING_RATE):
    return torch.optim.Adam(parameters, lr=learning_rate)


if __name__ == "__main__":
    train(sys.modules[__name__])
