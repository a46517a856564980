import torch
from torch import nn
from torch.utils.data import DataLoader

from drawing import Painter

loader = DataLoader(rows, batch_size=33, shuffle=True)
painter = Painter(nn.Linear(4, 2))
optimizer = torch.optim.SGD(painter.parameters(), lr=0.1)
for x in loader:
    optimizer.zero_grad()
    painter(x).sum().backward()
    optimizer.step()
painter.eval()

if __name__ == "__main__":
    batch_size = 9
    pictures = painter.sample(batch_size=batch_size, labels=torch.zeros(batch_size))
