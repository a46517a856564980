import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=96)
parser.add_argument("--base-lr", type=float, default=0.3)
parser.add_argument("--epochs", type=int, default=40)


def run(args, dataset, model):
    torch.distributed.init_process_group("gloo")
    sampler = DistributedSampler(dataset)
    loader = DataLoader(dataset, batch_size=args.batch_size, sampler=sampler)
    rate = args.base_lr * args.batch_size / 256
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for epoch in range(args.epochs):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
