import argparse

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=16)
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--epochs", type=int, default=3)


def train(args, model, loader, optimizer, epoch):
    model.train()
    for index, (data, target) in enumerate(loader):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(data), target)
        loss.backward()
        optimizer.step()
        if index % 10 == 0:
            print(f"Train Epoch: {epoch} [{index * len(data)}] Loss: {loss.item():.6f}")


def test(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)


def main():
    args = parser.parse_args()
    torch.manual_seed(1)
    x = torch.randn(800, 12)
    y = x[:, :4].argmax(1)
    train_loader = DataLoader(TensorDataset(x[:640], y[:640]), args.batch_size, shuffle=True)
    test_loader = DataLoader(TensorDataset(x[640:], y[640:]), batch_size=160)
    model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    for epoch in range(args.epochs):
        train(args, model, train_loader, optimizer, epoch)
        print("right:", test(model, test_loader))


if __name__ == "__main__":
    main()
