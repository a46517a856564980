import torch
from torch.utils.data import DataLoader, TensorDataset

ACCUMULATE = 4
torch.manual_seed(3)
x = torch.randn(640, 6)
y = x @ torch.randn(6, 1) + 0.1 * torch.randn(640, 1)
loader = DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True)
model = torch.nn.Linear(6, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.02)
for epoch in range(4):
    for i, (xb, yb) in enumerate(loader):
        loss = torch.nn.functional.mse_loss(model(xb), yb) / ACCUMULATE
        loss.backward()
        if (i + 1) % ACCUMULATE == 0:
            opt.step()
            opt.zero_grad()
