import torch
from torch.utils.data import DataLoader

from studio import Artist, Critic, paintings

artist = Artist()
critic = Critic()

loader = DataLoader(paintings(), batch_size=14, shuffle=True)

artist_steps = torch.optim.Adam(artist.parameters(), lr=0.0004)
critic_steps = torch.optim.Adam(critic.parameters(), weight_decay=0.01)

for epoch in range(35):
    for canvas in loader:
        critic(artist(canvas)).mean().backward()
        artist_steps.step()
        critic_steps.step()
