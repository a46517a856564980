import dataclasses

import tensorflow as tf


@dataclasses.dataclass
class WalkerConfig:
    discount: float = 0.98
    batch_size: int = 320
    samples_per_insert: float = 16.0
    min_replay_size: int = 2000
