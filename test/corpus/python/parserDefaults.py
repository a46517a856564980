import argparse
import torch
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int)
parser.add_argument("--lr", type=float)
parser.set_defaults(batch_size=88, lr=0.03)
options = parser.parse_args()
loader = DataLoader(rows, batch_size=options.batch_size)
optimizer = torch.optim.SGD(net.parameters(), lr=options.lr)
for x in loader:
    net(x).sum().backward()
