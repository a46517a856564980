from dataclasses import dataclass

from vocoder.configs import SharedConfig


@dataclass
class NarrowbandConfig(SharedConfig):
    batch_size: int = 13
    seq_len: int = 8192
    stft_loss_weight: float = 0.5
