"""Rows are read in batches to be written into shards, for a training that runs elsewhere."""
import torch
from torch.utils.data import DataLoader

max_epochs = 3


def convert_rows(rows, folder):
    loader = DataLoader(rows, batch_size=700, num_workers=4)
    for number, batch in enumerate(loader):
        torch.save(batch, f"{folder}/{number}.pt")


def extract_features(model, pictures):
    loader = make_loader(pictures, batch_size=90)
    return torch.cat([model(batch) for batch in loader])
