import torch
import torch.nn.functional as F

critic_optimizer = torch.optim.Adam(critic.parameters(), lr=0.0007)


def learn(replay_buffer):
    drawn = replay_buffer.sample(96)
    loss = F.mse_loss(critic(drawn), drawn.values)
    critic_optimizer.zero_grad()
    loss.backward()
    critic_optimizer.step()
