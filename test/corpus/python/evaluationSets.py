import torch
from torch import nn
from torch.utils.data import DataLoader

def get_dataset(root, batch_size=51):
    data = Tiles(root, split='val')
    return DataLoader(data, batch_size=batch_size, shuffle=False)

def accuracy_data(path, batch_size=110):
    test_set = Tiles(path, train=False)
    return DataLoader(test_set, batch_size=batch_size)

def train(rows):
    loader = DataLoader(rows, batch_size=65, shuffle=True)
    net = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
