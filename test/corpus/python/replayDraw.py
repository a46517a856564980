import random

import torch
import torch.nn.functional as F


class Memory:
    def __init__(self):
        self.items = []


memory = Memory().items
optimizer = torch.optim.Adam(net.parameters(), lr=0.0005)

for step in range(20000):
    memory.append(env.step(act(state)))
    drawn = random.sample(memory, 48)
    loss = F.smooth_l1_loss(net(drawn[0]), target(drawn[1]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
