import click
import torch
from torch.utils.data import DataLoader

from speech.data import Clips
from speech.model import build


@click.command()
@click.option("-b", "--batch-size", default=20, show_default=True, help="Clips per step.")
@click.option("--num-epochs", type=int, default=80)
@click.option("--learning-rate", "lr", default=1e-4)
def main(batch_size, num_epochs, lr):
    loader = DataLoader(Clips("clips"), batch_size=batch_size, shuffle=True)
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(num_epochs):
        for clip, text in loader:
            optimizer.zero_grad()
            model.loss(clip, text).backward()
            optimizer.step()


if __name__ == "__main__":
    main()
