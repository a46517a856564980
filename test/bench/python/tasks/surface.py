"""Regression of a wavy surface by SGD with momentum."""

import sys

import torch
from torch import nn
from torch.utils.data import TensorDataset
from training import train

LEARNING_RATE = 2e-2
EPOCHS = 60


def make_data():
    generator = torch.Generator().manual_seed(4)
    places = 2 * torch.rand(8192, 6, generator=generator) - 1
    waves = torch.randn(6, 3, generator=generator)
    heights = (1.5 * places @ waves).sin().sum(1, keepdim=True)
    return TensorDataset(places, heights + 0.1 * torch.randn(8192, 1, generator=generator))


def make_model():
    return nn.Sequential(
        nn.Linear(6, 128), nn.Tanh(), nn.Linear(128, 128), nn.Tanh(), nn.Linear(128, 1)
    )


def loss_of(model, batch):
    places, heights = batch
    return nn.functional.mse_loss(model(places), heights)


def make_optimizer(parameters, learning_rate=LEARNING_RATE):
    return torch.optim.SGD(parameters, lr=learning_rate, momentum=0.9)


if __name__ == "__main__":
    train(sys.modules[__name__])
