import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader


def train(net, seeds):
    accelerator = Accelerator(split_batches=True)
    loader = DataLoader(seeds, batch_size=192, shuffle=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-4)
    net, optimizer, loader = accelerator.prepare(net, optimizer, loader)
    for x, y in loader:
        optimizer.zero_grad()
        accelerator.backward(net(x, y))
        optimizer.step()
