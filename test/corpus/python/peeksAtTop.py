import torch
import matplotlib.pyplot as plt
from torch import nn
from torch.utils.data import DataLoader

peek = DataLoader(rows, batch_size=15, shuffle=True)
batch = next(iter(peek))
plt.imshow(make_grid(batch[0]))
for images in DataLoader(rows, batch_size=28):
    plt.imshow(images[0])
    break
loader = DataLoader(rows, batch_size=68, shuffle=True)
net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
