import torch
from torch.utils.data import DataLoader


class Duet:
    def __init__(self, painter, critic):
        self.painter_step = torch.optim.Adam(painter.parameters(), lr=2e-4)
        self.critic_step = torch.optim.Adam(critic.parameters())

    def learn(self, canvases):
        for canvas in DataLoader(canvases, batch_size=18, shuffle=True):
            self.critic_step.zero_grad()
            self.critic(canvas).mean().backward()
            self.critic_step.step()
            self.painter_step.step()
