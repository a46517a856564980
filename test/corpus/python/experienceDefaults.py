import torch


class Agent:
    """Learns from what it has seen before."""

    def __init__(self, actor, replay_size=100_000, learning_starts=500, batch_size=192, lr=3e-4):
        self.actor = actor
        self.replay_size = replay_size
        self.learning_starts = learning_starts
        self.batch_size = batch_size
        self.optimizer = torch.optim.Adam(actor.parameters(), lr=lr)

    def learn(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
