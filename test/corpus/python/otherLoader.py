import torch
from torch.utils.data import DataLoader


def loaders(settings, data, spread):
    if spread:
        train_loader = DataLoader(data, batch_size=settings["loader_batch_size"] // settings["num_gpu"])
    else:
        train_loader = DataLoader(data, batch_size=settings["loader_batch_size"])
    return train_loader


def train(net, loader):
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.l1_loss(net(x), y).backward()
        optimizer.step()
