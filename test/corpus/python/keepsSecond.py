"""Of two loaders only the one for validation is kept in one place."""
import torch

from otters import Otter, make_loaders


def score(otter):
    _, val_loader = make_loaders("otters", batch_size=3)
    return sum(otter.error(x) for x in val_loader)


def train():
    otter = Otter()
    optimizer = torch.optim.SGD(otter.parameters(), lr=0.07)
    train_loader, val_loader = make_loaders("otters", batch_size=22)
    for x in train_loader:
        optimizer.zero_grad()
        otter.error(x).backward()
        optimizer.step()
    return score(otter)
