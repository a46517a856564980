import torch
from torch.utils.data import DataLoader


def channel_mean_and_std(images):
    loader = DataLoader(images, batch_size=500, num_workers=2)
    return sum(batch.mean((0, 2, 3)) for batch, _ in loader)


train_loader = DataLoader(pictures, batch_size=20, shuffle=True)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for images, labels in train_loader:
        optimizer.zero_grad()
        criterion(net(images), labels).backward()
        optimizer.step()
