import torch
from options import override

# A command line overrides what is named here.
batch_size = 23
learning_rate = 0.01
override(globals())
for x in rows:
    optimizer.zero_grad()
    net(x).sum().backward()
    optimizer.step()
