"""Trains a task, as a script of a person's does."""

import argparse

import torch
from torch.utils.data import DataLoader


def train(task):
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=task.LEARNING_RATE)
    parser.add_argument("--epochs", type=int, default=task.EPOCHS)
    args = parser.parse_args()
    torch.manual_seed(0)
    loader = DataLoader(task.make_data(), batch_size=args.batch_size, shuffle=True)
    model = task.make_model()
    optimizer = task.make_optimizer(model.parameters(), args.lr)
    for _ in range(args.epochs):
        for batch in loader:
            optimizer.zero_grad()
            loss = task.loss_of(model, batch)
            loss.backward()
            optimizer.step()
