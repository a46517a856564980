import torch
from torch.utils.data import DataLoader


def run(rows):
    for x in DataLoader(rows, batch_size=26):
        net(x).sum().backward()


def report(rows):
    net.eval()
    return [net(x) for x in DataLoader(rows, batch_size=260)]
