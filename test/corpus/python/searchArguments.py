from dataclasses import dataclass, field

import torch


@dataclass
class SearchOptions:
    chunk_length: int = field(default=200, metadata={"help": "Characters of one passage."})
    batch_size: int = field(
        default=512,
        metadata={"help": "Batch size for encoding passages and indexing them."},
    )


@dataclass
class LearningOptions:
    learning_rate: float = field(default=3e-5, metadata={"help": "Peak rate."})
    batch_size: int = field(
        default=24,
        metadata={"help": "Batch size for training and retrieval checks."},
    )
