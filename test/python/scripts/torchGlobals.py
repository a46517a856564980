# The style of small research scripts: everything at the top level.
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

batch_size = 20
learning_rate = 3e-3
max_epochs = 3
torch.manual_seed(1337)


class Series(Dataset):
    def __init__(self, n=600, length=10):
        t = torch.arange(n + length) / 7
        self.values = torch.sin(t) + 0.1 * torch.randn(n + length)
        self.n, self.length = n, length

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return {"past": self.values[i : i + self.length, None], "next": self.values[i + self.length]}


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(1, 16, batch_first=True)
        self.head = nn.Linear(16, 1)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1]).squeeze(-1)


loader = DataLoader(Series(), batch_size=batch_size, shuffle=True, drop_last=True)
model = Forecaster()
optim = torch.optim.AdamW(model.parameters(), lr=learning_rate)
for epoch in range(max_epochs):
    running = 0.0
    for batch in loader:
        loss = ((model(batch["past"]) - batch["next"]) ** 2).mean()
        optim.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optim.step()
        running += loss.item()
    print(epoch, running / len(loader))
