import torch
from torch.utils.data import DataLoader

loader = DataLoader(pictures, batch_size=22, shuffle=True)
g = torch.optim.Adam(gen.parameters(), lr=1e-4)
d = torch.optim.Adam(disc.parameters(), lr=4e-4)
for epoch in range(30):
    for x in loader:
        step(x).backward()
