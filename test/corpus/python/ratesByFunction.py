import torch
from torch.utils.data import DataLoader


def small(rows):
    loader = DataLoader(rows, batch_size=11)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for epoch in range(3):
        for x in loader:
            net(x).sum().backward()


def large(rows):
    loader = DataLoader(rows, batch_size=77)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.2)
    for epoch in range(8):
        for x in loader:
            net(x).sum().backward()
