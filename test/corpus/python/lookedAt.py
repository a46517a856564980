import torch
from torch.utils.data import DataLoader, TensorDataset

numbers = TensorDataset(torch.arange(30))
loader = DataLoader(numbers, batch_size=7)
first = next(iter(loader))
print(first)
