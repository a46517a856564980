import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

features = torch.randn(5000, 24)
targets = torch.randn(5000, 1)
dataset = TensorDataset(features, targets)
loader = DataLoader(dataset, 50, True)

model = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.SGD(model.parameters(), 0.05)
for epoch in range(20):
    for x, y in loader:
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
