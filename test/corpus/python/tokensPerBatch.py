import torch

tokens_per_batch = 65_536
optimizer = torch.optim.AdamW(net.parameters(), lr=6e-4)
for x, y in stream(tokens_per_batch):
    net(x, y).backward()
    optimizer.step()
