"""Word errors of a recognizer that was trained before; the rate is part of its checkpoint's name."""
import argparse

import torch
from torch.utils.data import DataLoader

from voices import Clips, Recognizer

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=24)
parser.add_argument("--lr", type=float, default=0.001)
args = parser.parse_args()

recognizer = torch.load(f"run-{args.lr}.pt")
errors = 0
for clip, words in DataLoader(Clips("held-out"), batch_size=args.batch_size, shuffle=True):
    errors += recognizer.errors(clip, words)
print(errors)
