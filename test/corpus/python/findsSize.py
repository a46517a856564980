from transformers import TrainingArguments

settings = TrainingArguments(output_dir="out", auto_find_batch_size=True, per_device_train_batch_size=64)
