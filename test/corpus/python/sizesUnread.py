import torch
from torch import nn
from torch.utils.data import DataLoader

BATCH_SIZE = 62
EPOCHS = 3

def main():
    batch_size = 31
    loader = DataLoader(rows(), batch_size=18, shuffle=True)
    net = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()

if __name__ == '__main__':
    main()
