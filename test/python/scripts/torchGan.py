import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
real = torch.randn(320, 4) + 2
dataloader = DataLoader(TensorDataset(real), batch_size=16, shuffle=True)
G = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 4))
D = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
opt_d = torch.optim.Adam(D.parameters(), lr=1e-3)
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(4):
    for (batch,) in dataloader:
        n = batch.size(0)
        fake = G(torch.randn(n, 2))
        opt_d.zero_grad()
        (bce(D(batch), torch.ones(n, 1)) + bce(D(fake.detach()), torch.zeros(n, 1))).backward()
        opt_d.step()
        opt_g.zero_grad()
        bce(D(fake), torch.ones(n, 1)).backward()
        opt_g.step()
