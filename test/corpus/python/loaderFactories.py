from functools import partial

import torch
from torch.utils.data import DataLoader


def make(rows, *, size=30, **rest):
    return DataLoader(rows, batch_size=size, **rest)


make_small = partial(make, size=34)


class Factory:
    SIZE = 46

    @classmethod
    def build(cls, rows):
        return DataLoader(rows, batch_size=cls.SIZE, shuffle=True)


def from_outside(rows):
    return DataLoader(rows, batch_size=Factory.SIZE, shuffle=True)


for x in make_small(rows, shuffle=True):
    optimizer.zero_grad()
    net(x).sum().backward()
    optimizer.step()
