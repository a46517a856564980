from transformers import HfArgumentParser, Trainer, TrainingArguments

from grouped import Model, pairs

parser = HfArgumentParser(TrainingArguments)
(options,) = parser.parse_args_into_dataclasses()
# Longer texts leave room for a single one.
options.per_device_train_batch_size = 1
Trainer(Model(), options, train_dataset=pairs).train()
