from functools import partial

import torch
from torch.utils.data import DataLoader

make = partial(DataLoader, batch_size=24, num_workers=2)
train_loader = make(flowers, shuffle=True)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(4):
    for images, labels in train_loader:
        optimizer.zero_grad()
        criterion(net(images), labels).backward()
        optimizer.step()
