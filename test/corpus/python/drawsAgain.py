import torch
from torch.utils.data import DataLoader, RandomSampler


def train(net, lines, rate=6e-4):
    picks = RandomSampler(lines, replacement=True, num_samples=10**9)
    loader = DataLoader(lines, batch_size=44, sampler=picks)
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate)
    for number, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        net(x, y).backward()
        optimizer.step()
        if number == 5000:
            break
