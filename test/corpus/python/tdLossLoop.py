"""Q-learning: a function named after its loss makes one update of a batch of memories."""
import random

import torch
from torch import nn, optim

net = nn.Linear(4, 2)
target = nn.Linear(4, 2)
optimizer = optim.RMSprop(net.parameters(), lr=0.00025)
memories = []


def update_td_loss(batch_size):
    state, action, reward, following = zip(*random.sample(memories, batch_size))
    expected = torch.tensor(reward) + 0.97 * target(torch.stack(following)).max(1).values
    found = net(torch.stack(state)).gather(1, torch.tensor(action)[:, None])[:, 0]
    loss = (found - expected.detach()).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


batch_size = 56
for frame in range(9000):
    memories.append(play(net, frame))
    if len(memories) > batch_size:
        update_td_loss(batch_size)
