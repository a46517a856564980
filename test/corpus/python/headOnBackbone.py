import torch
from torch import nn

import resnet


class Embedder(nn.Module):
    def __init__(self, batch_size=144, lr=0.02):
        super().__init__()
        self.backbone = resnet.build(depth=50)
        self.head = nn.Sequential(nn.Linear(2048, 128), nn.ReLU(), nn.Linear(128, 64))
        self.optimizer = torch.optim.SGD(self.parameters(), lr=lr)

    def update(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
