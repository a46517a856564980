import argparse

import torch
from torch.utils.data import DataLoader


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch_size", type=int, default=14)
    parser.add_argument("--learning_rate", type=float, default=4e-5)
    parser.add_argument("--scale_lr", action="store_true", default=False)
    return parser.parse_args()


def main(net, stones):
    args = parse()
    if args.scale_lr:
        args.learning_rate = args.learning_rate * args.batch_size
    loader = DataLoader(stones, batch_size=args.batch_size, shuffle=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=args.learning_rate)
    for x, y in loader:
        optimizer.zero_grad()
        net(x, y).backward()
        optimizer.step()
