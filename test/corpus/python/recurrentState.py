import torch
from torch import nn


class Speller(nn.Module):
    def __init__(self, letters, width):
        super().__init__()
        self.width = width
        self.cells = nn.GRU(letters, width, batch_first=True)
        self.out = nn.Linear(width, letters)

    def first_state(self, batch_size):
        return torch.zeros(1, batch_size, self.width)


def learn(speller, texts, batch_size=28, lr=0.002):
    optimizer = torch.optim.Adam(speller.parameters(), lr=lr)
    for start in range(0, len(texts), batch_size):
        state = speller.first_state(batch_size)
        loss = speller(texts[start : start + batch_size], state)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def spell(speller, word):
    state = speller.first_state(1)
    return speller(word, state)
