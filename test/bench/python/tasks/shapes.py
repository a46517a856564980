"""A convolutional network on small pictures of noisy shapes."""

import sys

import torch
from torch import nn
from torch.utils.data import TensorDataset
from training import train

LEARNING_RATE = 2e-3
EPOCHS = 40


def make_data():
    generator = torch.Generator().manual_seed(2)
    prototypes = torch.rand(8, 1, 12, 12, generator=generator).round()
    labels = torch.randint(8, (4096,), generator=generator)
    images = prototypes[labels] + 1.5 * torch.randn(4096, 1, 12, 12, generator=generator)
    return TensorDataset(images, labels)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.head = nn.Linear(16 * 3 * 3, 8)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


def make_model():
    return Net()


def loss_of(model, batch):
    images, labels = batch
    return nn.functional.cross_entropy(model(images), labels)


def make_optimizer(parameters, learning_rate=LEARNING_RATE):
    return torch.optim.Adam(parameters, lr=learning_rate)


if __name__ == "__main__":
    train(sys.modules[__name__])
