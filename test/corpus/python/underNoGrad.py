import torch
from torch.utils.data import DataLoader

loader = DataLoader(train_rows, batch_size=30)
for x in loader:
    net(x).sum().backward()
with torch.no_grad():
    for x in DataLoader(rows, batch_size=300):
        show(net(x))
