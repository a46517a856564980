import torch
from torch.utils.data import DataLoader

TRAIN_BATCH = 40


def make_loader(data, size, shuffle=True):
    return DataLoader(data, batch_size=size, shuffle=shuffle)


def train(model, data, batch_size=16, epochs=3):
    loader = make_loader(data, batch_size)
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        for x in loader:
            model(x).sum().backward()
            opt.step()


train(torch.nn.Linear(4, 4), torch.zeros(900, 4), batch_size=TRAIN_BATCH)
