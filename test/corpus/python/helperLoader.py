"""Helpers of the chapters before: the loader is shuffled, so it trains; nothing else here does."""
import torch
from torch.utils.data import DataLoader, Dataset


class Windows(Dataset):
    def __init__(self, ids, width):
        self.windows = [torch.tensor(ids[i : i + width]) for i in range(0, len(ids) - width, width)]

    def __len__(self):
        return len(self.windows)

    def __getitem__(self, index):
        return self.windows[index]


def create_loader(ids, batch_size=6, width=128, shuffle=True, workers=0):
    return DataLoader(Windows(ids, width), batch_size=batch_size, shuffle=shuffle, num_workers=workers)


def complete(model, ids, count):
    for _ in range(count):
        with torch.no_grad():
            ids = torch.cat([ids, model(ids)[:, -1].argmax(-1, keepdim=True)], dim=1)
    return ids
