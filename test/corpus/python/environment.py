import os

import torch
from torch.utils.data import DataLoader

BATCH_SIZE = int(os.environ.get("BATCH_SIZE", "32"))
EPOCHS = int(os.getenv("EPOCHS", 5))
LR = float(os.environ["LR"]) if "LR" in os.environ else 1e-3


def fit(dataset, model):
    loader = DataLoader(dataset, BATCH_SIZE, shuffle=True, drop_last=True)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=LR)
    for _epoch in range(EPOCHS):
        for batch in loader:
            optimizer.zero_grad()
            model(batch).backward()
            optimizer.step()
