"""A loss that works in parts: what is trained on is the arguments' batch."""
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainingArguments
from sentence_transformers.losses import CachedRankingLoss

part_batch_size = 16
mini_batch_size = 16
train_batch_size = 128
model = SentenceTransformer("tiny")
loss = CachedRankingLoss(model, mini_batch_size=mini_batch_size)
args = SentenceTransformerTrainingArguments(
    output_dir="out",
    per_device_train_batch_size=train_batch_size,
    learning_rate=2e-5,
    num_train_epochs=1,
)
