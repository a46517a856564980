import gymnasium as gym
import torch

BATCH_SIZE = 31
num_episodes = 700
env = gym.make("CartPole-v1")
optimizer = torch.optim.Adam(policy.parameters(), lr=0.002)
for i_ep in range(num_episodes):
    state = env.reset()
    for _ in range(200):
        state, reward, done, _ = env.step(act(state))
    loss = policy.loss(memory.sample(BATCH_SIZE))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
