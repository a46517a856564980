import torch
from torch.utils.data import DataLoader, RandomSampler


def train(net, letters):
    some = RandomSampler(letters, num_samples=2600)
    loader = DataLoader(letters, batch_size=26, sampler=some)
    optimizer = torch.optim.AdamW(net.parameters(), lr=6e-4)
    for epoch in range(21):
        for x, y in loader:
            optimizer.zero_grad()
            net(x, y).backward()
            optimizer.step()
