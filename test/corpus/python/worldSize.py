import torch
from torch.utils.data import DataLoader

BATCH = 18 * torch.cuda.device_count()
train_loader = DataLoader(rows, batch_size=BATCH)
for epoch in range(4):
    for x, y in train_loader:
        loss(net(x), y).backward()
