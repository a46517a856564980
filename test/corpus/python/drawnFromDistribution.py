import torch
from torch.distributions import Normal

prior = Normal(0.0, 1.0)
optimizer = torch.optim.Adam(decoder.parameters(), lr=0.001)
for step in range(100):
    noise = prior.sample((16,))
    loss = decoder(noise).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
