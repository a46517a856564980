"""A training, and beside it what only runs the model."""
from dataclasses import dataclass

import torch
from torch.utils.data import DataLoader

from moths import Encoder, Moths


@dataclass
class RetrievalArguments:
    batch_size: int = 512
    top: int = 10


@dataclass
class MothArguments:
    batch_size: int = 28
    lr: float = 0.01


class MothPredictor:
    def __init__(self, encoder, batch_size=96):
        self.encoder = encoder
        self.batch_size = batch_size


def get_activations(encoder, moths, batch_size=50):
    return [encoder(moths[i : i + batch_size]) for i in range(0, len(moths), batch_size)]


def nearest(encoder, moths, moth, batch_size=60):
    found = []
    for start in range(0, len(moths), batch_size):
        found += encoder.distances(moths[start : start + batch_size], moth)
    return min(found)


def halves(moths, batch_size=14):
    for start in range(0, len(moths), batch_size):
        yield moths[start : start + batch_size]


def blank_pictures(like=None):
    if like is None:
        batch_size = 1
    else:
        batch_size = like.shape[0]
    return torch.zeros(batch_size, 3, 32, 32)


def train(args: MothArguments):
    encoder = Encoder()
    optimizer = torch.optim.Adam(encoder.parameters(), lr=args.lr)
    for moth, kind in DataLoader(Moths("moths"), batch_size=args.batch_size, shuffle=True):
        optimizer.zero_grad()
        encoder.loss(moth, kind).backward()
        optimizer.step()
