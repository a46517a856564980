import torch
from torch import nn


def train(net, rows, batch_size=34, epochs=4):
    # The rows come in batches already: the size that it is given is not read.
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(epochs):
        for x, y in rows:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()


def train_in_parts(net, rows, batch_size=46):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.2)
    for x, y in zip(*[part.split(batch_size) for part in rows]):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
