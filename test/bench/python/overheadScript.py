"""Trains a small network as people write it. After each block it waits for a line on stdin, which
ends at once where nobody writes one, and then tells what the block took of its thread."""

import sys
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

width, block, blocks = (int(word) for word in sys.argv[1:4])
torch.manual_seed(0)
torch.set_num_threads(1)
inputs = torch.randn(4096, 64)
dataset = TensorDataset(inputs, inputs.sum(1, keepdim=True).tanh())
loader = DataLoader(dataset, batch_size=32, shuffle=True, drop_last=True)
model = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

steps = 0
begun = time.thread_time()
while steps < block * blocks:
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        steps += 1
        if steps % block == 0:
            took = time.thread_time() - begun
            print("block %.9f" % (took / block), flush=True)
            sys.stdin.readline()
            begun = time.thread_time()
        if steps == block * blocks:
            break
