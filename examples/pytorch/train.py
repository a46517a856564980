"""Trains a small convolutional network on the glyphs of ../glyphs."""

import argparse
import gzip
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

GLYPHS = Path(__file__).parent.parent / "glyphs"


def read_idx(name):
    with gzip.open(GLYPHS / name) as file:
        data = bytearray(file.read())
    dims = data[3]
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(dims)]
    return torch.frombuffer(data, dtype=torch.uint8, offset=4 + 4 * dims).reshape(shape)


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.classifier = nn.LazyLinear(classes)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"

    images = read_idx("train-images-idx3-ubyte.gz").float().unsqueeze(1) / 255
    labels = read_idx("train-labels-idx1-ubyte.gz").long()
    held = len(images) // 5
    train = TensorDataset(images[held:], labels[held:])
    loader = DataLoader(train, batch_size=args.batch_size, shuffle=True)

    model = Net(int(labels.max()) + 1).to(device)
    model(images[:1].to(device))
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x.to(device)), y.to(device))
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            right = (model(images[:held].to(device)).argmax(1).cpu() == labels[:held]).float()
        print(f"epoch {epoch}: accuracy {right.mean():.3f}")


if __name__ == "__main__":
    main()
