import os

import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler
from songs import BirdSongs, SongNet

KEEP_ALL = False
net = SongNet()
songs = BirdSongs("train")
sampler = BatchSampler(RandomSampler(songs), 14, drop_last=os.environ.get("DROP") == "1")
loader = DataLoader(songs, batch_sampler=sampler)
plain = DataLoader(songs, batch_size=28, drop_last=KEEP_ALL)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(6):
    for clip, label in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(clip), label).backward()
        optimizer.step()
