from transformers import HfArgumentParser, Trainer, TrainingArguments

from grouped import GroupedDataset, Model, pairs

parser = HfArgumentParser(TrainingArguments)
(options,) = parser.parse_args_into_dataclasses()
grouped = GroupedDataset(pairs, batch_size=options.per_device_train_batch_size)
# The loader gets batches that are whole already.
options.per_device_train_batch_size = 1
Trainer(Model(), options, train_dataset=grouped).train()
