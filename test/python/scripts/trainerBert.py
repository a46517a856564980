import torch
from datasets import Dataset
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
g = torch.Generator().manual_seed(0)
labels = torch.randint(0, 2, (320,), generator=g)
ids = torch.randint(5, 60, (320, 12), generator=g) + 40 * labels[:, None]
data = Dataset.from_dict({"input_ids": ids.tolist(), "attention_mask": torch.ones_like(ids).tolist(), "labels": labels.tolist()})
split = data.train_test_split(test_size=0.2, seed=0)
config = BertConfig(vocab_size=100, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64, num_labels=2)
args = TrainingArguments("out", per_device_train_batch_size=16, num_train_epochs=20, learning_rate=1e-3, eval_strategy="epoch", use_cpu=True)
Trainer(BertForSequenceClassification(config), args, train_dataset=split["train"], eval_dataset=split["test"]).train()
