import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader

BATCH_SIZE = 6
GRADIENT_ACCUMULATE_EVERY = 5


def train(texts, net):
    accelerator = Accelerator()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
    pages = DataLoader(texts, batch_size=BATCH_SIZE, shuffle=True)
    net, optimizer, pages = accelerator.prepare(net, optimizer, pages)
    for page in pages:
        for _ in range(GRADIENT_ACCUMULATE_EVERY):
            accelerator.backward(net(page))
        optimizer.step()
        optimizer.zero_grad()
