import torch
from torch.utils.data import DataLoader
from settings import get_defaults
from songs import BirdSongs, SongNet

config = get_defaults("birds")
config.batch = 512
config.rounds = 12
config.train.batch = 24

net = SongNet()
loader = DataLoader(BirdSongs("train"), batch_size=config.batch, shuffle=True)
optimizer = torch.optim.AdamW(net.parameters(), lr=0.002)

for epoch in range(config.rounds):
    for clip, label in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(clip), label).backward()
        optimizer.step()
