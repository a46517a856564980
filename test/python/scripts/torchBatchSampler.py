import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

torch.manual_seed(5)
data = TensorDataset(torch.randn(480, 3), torch.randn(480, 1))
sampler = BatchSampler(RandomSampler(data), batch_size=12, drop_last=False)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
for epoch in range(3):
    for x, y in DataLoader(data, batch_sampler=sampler):
        optimizer.zero_grad()
        torch.nn.functional.l1_loss(model(x), y).backward()
        optimizer.step()
