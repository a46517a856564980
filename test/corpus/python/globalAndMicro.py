from dataclasses import dataclass


@dataclass
class TrainSettings:
    global_batch_size: int = 120
    micro_batch_size: int = 5
    min_lr: float = 2e-6
