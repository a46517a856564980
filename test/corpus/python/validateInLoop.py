"""The loop validates with a larger batch; loaders are made by one function."""
import argparse

import torch
from torch.utils.data import DataLoader

import validate
from data import Photos


class Pages:
    def __init__(self, items, batch_size):
        self.items = items
        self.batch_size = batch_size
        self.epoch = 0

    def set_epoch(self, epoch):
        self.epoch = epoch


def make_loader(photos, size):
    return DataLoader(photos, batch_size=size, shuffle=True)


parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=24)
parser.add_argument("--train-size", type=int, default=5000)
parser.add_argument("--epochs", type=int, default=12)
opt = parser.parse_args()

model = torch.nn.Linear(10, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
train_loader = make_loader(Photos("train"), opt.batch_size)
test_loader = make_loader(Photos("test"), 1000)
whole = DataLoader(Photos("train"), batch_size=opt.train_size)
held_out = DataLoader(Photos("x", train=False), batch_size=512)
val_pages = Pages(Photos("val"), batch_size=96)
val_pages.set_epoch(1)
for epoch in range(opt.epochs):
    for x, y in train_loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    validate.run(model, batch_size=opt.batch_size // 2 * 4)
