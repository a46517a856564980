import torch
from torch.utils.data import DataLoader

everything = DataLoader(train_set, batch_size=40, shuffle=True, drop_last=False)
full_only = DataLoader(train_set, 56, True, None, None, 4, None, True, True)
named = DataLoader(train_set, batch_size=72, drop_last=True)

optimizer = torch.optim.SGD(model.parameters(), lr=0.03)
for inputs, targets in full_only:
    optimizer.zero_grad()
    criterion(model(inputs), targets).backward()
    optimizer.step()
