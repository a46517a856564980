import torch
from torch.optim import AdamW


class Painter:
    def __call__(self, prompt, images=None):
        if isinstance(prompt, str):
            batch_size = 1
        else:
            batch_size = len(prompt)
        noise = torch.randn(batch_size, 4, 64, 64)
        return self.refine(noise, prompt)


def learn(painter, pairs):
    batch_size = 6
    optimizer = AdamW(painter.parameters(), lr=1e-5)
    for start in range(0, len(pairs), batch_size):
        painter.loss(pairs[start : start + batch_size]).backward()
        optimizer.step()
