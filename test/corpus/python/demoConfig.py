"""Settings of the small run that the guide walks through."""
from dataclasses import dataclass

import torch


@dataclass
class DemoConfig:
    batch_size: int = 18
    lr: float = 0.004
    epochs: int = 6
    device: str = "cuda" if torch.cuda.is_available() else "cpu"
