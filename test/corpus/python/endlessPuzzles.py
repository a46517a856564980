import torch
import tqdm
from torch import nn

NUM_BATCHES = 30_000
BATCH_SIZE = 48


def puzzles():
    while True:
        digits = torch.randint(0, 10, (BATCH_SIZE, 16))
        yield digits, digits.sort(dim=-1).values


net = nn.TransformerEncoderLayer(d_model=64, nhead=4)
optimizer = torch.optim.Adam(net.parameters(), lr=3e-4)
source = puzzles()
for step in tqdm.tqdm(range(NUM_BATCHES), desc="training"):
    x, y = next(source)
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
